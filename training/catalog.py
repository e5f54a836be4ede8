"""Every method's training by name, with its default settings."""

from __future__ import annotations

from training.engine.stages import StagedRecipe
from training.recipes.efficientnet_lite import EfficientNetLiteRecipe
from training.recipes.expression_classifier import ExpressionClassifierRecipe
from training.recipes.expression_judge import ExpressionJudgeRecipe
from training.recipes.face_resnet import FaceResNetTraining
from training.recipes.ipd_fer import IPDFERTraining
from training.recipes.landmark_editor import LandmarkEditorTraining
from training.recipes.pixel_regression import PixelRegressionTraining
from training.recipes.residual_masking import ResidualMaskingRecipe
from training.recipes.selective_feature_sharing import SelectiveFeatureSharingTraining
from training.recipes.star_gan import StarGANTraining
from training.recipes.tdgan import TDGANTraining
from training.recipes.tdgan_published import TDGANPublishedTraining
from training.recipes.ter_gan import TERGANTraining
from training.recipes.us_gan import USGANTraining
from training.recognition.recognizer import RecognizerTraining

RECIPES: dict[str, StagedRecipe] = {
    "expression_classifier": RecognizerTraining(stage=ExpressionClassifierRecipe()),
    "efficientnet_lite": RecognizerTraining(stage=EfficientNetLiteRecipe()),
    "face_resnet": FaceResNetTraining(),
    "residual_masking": RecognizerTraining(stage=ResidualMaskingRecipe()),
    "expression_judge": RecognizerTraining(stage=ExpressionJudgeRecipe()),
    "tdgan": TDGANTraining(),
    "tdgan_published": TDGANPublishedTraining(),
    "ter_gan": TERGANTraining(),
    "ipd_fer": IPDFERTraining(),
    "selective_feature_sharing": SelectiveFeatureSharingTraining(),
    "us_gan": USGANTraining(),
    "star_gan": StarGANTraining(),
    "landmark_editor": LandmarkEditorTraining(),
    "pixel_regression": PixelRegressionTraining(),
}
