"""What to cite for a result: BibTeX entries of the methods and of this package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from fer_demo import __version__

_TDGAN = """@article{xie2021tdgan,
  author  = {Xie, Siyue and Hu, Haifeng and Chen, Yizhen},
  title   = {Facial Expression Recognition with Two-branch Disentangled Generative Adversarial Network},
  journal = {IEEE Transactions on Circuits and Systems for Video Technology},
  volume  = {31},
  number  = {6},
  pages   = {2359--2371},
  year    = {2021}
}"""
_TER_GAN = """@inproceedings{ali2020disentangled,
  author    = {Ali, Kamran and Hughes, Charles E.},
  title     = {Facial Expression Recognition By Using a Disentangled Identity-Invariant Expression Representation},
  booktitle = {International Conference on Pattern Recognition (ICPR)},
  year      = {2020}
}"""
_IPD_FER = """@article{jiang2022disentangling,
  author  = {Jiang, Jing and Deng, Weihong},
  title   = {Disentangling Identity and Pose for Facial Expression Recognition},
  journal = {IEEE Transactions on Affective Computing},
  year    = {2022},
  note    = {arXiv 2208.08106}
}"""
_RESIDUAL_MASKING = """@inproceedings{pham2020residual,
  author    = {Pham, Luan and Vu, The Huynh and Tran, Tuan Anh},
  title     = {Facial Expression Recognition Using Residual Masking Network},
  booktitle = {International Conference on Pattern Recognition (ICPR)},
  year      = {2020}
}"""
_FEATURE_SHARING = """@inproceedings{zhao2020deep,
  author    = {Zhao, Rui and Liu, Tianshan and Xiao, Jun and Lun, Daniel P. K. and Lam, Kin-Man},
  title     = {Deep Multi-task Learning for Facial Expression Recognition and Synthesis Based on Selective Feature
               Sharing},
  booktitle = {International Conference on Pattern Recognition (ICPR)},
  year      = {2020}
}"""
_PIXEL_REGRESSION = """@inproceedings{akram2020pixel,
  author    = {Akram, Arbish and Khan, Nazar},
  title     = {Pixel-based Facial Expression Synthesis},
  booktitle = {International Conference on Pattern Recognition (ICPR)},
  year      = {2020}
}"""
_US_GAN = """@article{akram2023usgan,
  author  = {Akram, Arbish and Khan, Nazar},
  title   = {{US-GAN}: On the Importance of Ultimate Skip Connection for Facial Expression Synthesis},
  journal = {Multimedia Tools and Applications},
  year    = {2023},
  note    = {arXiv 2112.13002}
}"""
_STAR_GAN = """@inproceedings{choi2018stargan,
  author    = {Choi, Yunjey and Choi, Minje and Kim, Munyoung and Ha, Jung-Woo and Kim, Sunghun and Choo, Jaegul},
  title     = {{StarGAN}: Unified Generative Adversarial Networks for Multi-Domain Image-to-Image Translation},
  booktitle = {IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR)},
  year      = {2018}
}"""
_FER2013 = """@inproceedings{goodfellow2013challenges,
  author    = {Goodfellow, Ian J. and others},
  title     = {Challenges in Representation Learning: A Report on Three Machine Learning Contests},
  booktitle = {International Conference on Neural Information Processing (ICONIP)},
  year      = {2013}
}"""
_FER_PLUS = """@inproceedings{barsoum2016training,
  author    = {Barsoum, Emad and Zhang, Cha and Canton Ferrer, Cristian and Zhang, Zhengyou},
  title     = {Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label Distribution},
  booktitle = {ACM International Conference on Multimodal Interaction (ICMI)},
  year      = {2016}
}"""
_DLIB = """@article{king2009dlib,
  author  = {King, Davis E.},
  title   = {Dlib-ml: A Machine Learning Toolkit},
  journal = {Journal of Machine Learning Research},
  volume  = {10},
  pages   = {1755--1758},
  year    = {2009}
}"""
_RETINAFACE = """@inproceedings{deng2020retinaface,
  author    = {Deng, Jiankang and Guo, Jia and Ververas, Evangelos and Kotsia, Irene and Zafeiriou, Stefanos},
  title     = {RetinaFace: Single-Shot Multi-Level Face Localisation in the Wild},
  booktitle = {IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR)},
  year      = {2020}
}"""
_PACKAGE = f"""@software{{fer_demo,
  title   = {{fer\\_demo: disentangled facial expression recognition and synthesis}},
  version = {{{__version__}}},
  note    = {{Apache-2.0}}
}}"""

# By catalogue name; a method of this project itself is cited by the package.
ENTRIES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "tdgan": (_TDGAN,),
    "tdgan_published": (_TDGAN,),
    "ter_gan": (_TER_GAN, _TDGAN, _FER2013, _FER_PLUS),
    "ipd_fer": (_IPD_FER, _FER2013, _FER_PLUS),
    "selective_feature_sharing": (_FEATURE_SHARING, _FER2013, _FER_PLUS),
    "us_gan": (_US_GAN, _FER2013, _FER_PLUS),
    "star_gan": (_STAR_GAN, _FER2013, _FER_PLUS),
    "pixel_regression": (_PIXEL_REGRESSION,),
    "residual_masking": (_RESIDUAL_MASKING, _FER2013),
    "expression_classifier": (_FER2013, _FER_PLUS),
    "expression_judge": (_FER2013, _FER_PLUS),
    "face_resnet": (_DLIB, _FER2013, _FER_PLUS),
    "identity_embedder": (_DLIB,),
})  # fmt: skip


def bibliography(methods: Iterable[str]) -> str:
    """The entries of the package, the face detector and the methods by their catalogue names, each once."""
    entries = [_PACKAGE, _RETINAFACE, *(entry for method in methods for entry in ENTRIES.get(method, ()))]
    return "\n\n".join(dict.fromkeys(entries)) + "\n"
