"""Pictures as files: generated ones say in their own metadata that they are synthetic (PNG, JPEG, GIF, MP4)."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from fer_demo.images import encode_gif, resize

MARK = "Synthetic: this face was edited by a neural network (fer_demo); it is not a photograph."
# What readers of the IPTC standard look for: a picture made partly by a trained model.
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
FILM_SIDE = 256  # pixels
FRAMES_PER_SECOND = 8
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    f'Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}"/></rdf:RDF></x:xmpmeta>'
)
_GIF_COMMENT, _GIF_TRAILER = b"\x21\xfe", b"\x3b"


def png_bytes(picture: np.ndarray) -> bytes:
    """One generated picture (H, W) or (H, W, 3)."""
    marks = PngInfo()
    marks.add_text("Description", MARK)
    marks.add_itxt("XML:com.adobe.xmp", XMP)
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="PNG", pnginfo=marks)
    return buffer.getvalue()


def jpeg_bytes(photo: np.ndarray) -> bytes:
    """One generated photo (H, W, 3), with as little loss as a camera's own."""
    buffer = io.BytesIO()
    Image.fromarray(photo).save(
        buffer, format="JPEG", quality=95, subsampling=0, comment=MARK.encode("ascii"), xmp=XMP.encode("utf-8")
    )
    return buffer.getvalue()


def gif_bytes(frames: np.ndarray, side: int | None = None) -> bytes:
    """Generated frames (T, S, S, 3) as an animation that repeats for ever; `side` in pixels if another is wanted."""
    buffer = io.BytesIO()
    encode_gif(frames if side is None else [resize(frame, side) for frame in frames], buffer)
    content = buffer.getvalue()
    comment = MARK.encode("ascii")
    assert content.endswith(_GIF_TRAILER)
    assert len(comment) < 256  # one block of a comment
    return content[:-1] + _GIF_COMMENT + bytes([len(comment)]) + comment + b"\x00" + _GIF_TRAILER


def mp4_bytes(frames: np.ndarray) -> bytes:
    """Generated frames (T, S, S, 3) as an H.264 film."""
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as film:
        film.metadata.update({"title": "Synthetic face", "comment": MARK})
        stream = film.add_stream("libx264", rate=FRAMES_PER_SECOND, options={"crf": "18"})
        stream.width = stream.height = FILM_SIDE
        stream.pix_fmt = "yuv420p"  # what every player reads
        for frame in frames:
            film.mux(stream.encode(av.VideoFrame.from_ndarray(resize(frame, FILM_SIDE), format="rgb24")))
        film.mux(stream.encode())
    return buffer.getvalue()


def photo_bytes(photo: np.ndarray) -> bytes:
    """A picture (H, W, 3) that was given and not generated, as a PNG file without any mark."""
    buffer = io.BytesIO()
    Image.fromarray(photo).save(buffer, format="PNG")
    return buffer.getvalue()
