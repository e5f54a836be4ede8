"""The errors a person can act on.

    FerDemoError
      ImageError        a picture that cannot be read or used
      NoFaceError       a picture without a face
      CheckpointError   a model that cannot be loaded
        RetiredError    a method that was taken out of the project
      DataError         a dataset, a column or a label that cannot be used
      SettingsError     a setting that makes no sense

`str(error)` is a sentence for people: it says what happened and what to do. The interface shows it as it is.
"""

from __future__ import annotations


class FerDemoError(Exception):
    """Anything that went wrong for a reason which the person in front of the screen can change."""


class ImageError(FerDemoError):
    """A picture that cannot be read or used."""


class NoFaceError(FerDemoError):
    """A picture in which no face was found."""


class CheckpointError(FerDemoError):
    """A model that is missing, damaged or of another kind than expected."""


class RetiredError(CheckpointError):
    """A method that was taken out of the project; the sentence says what to choose now."""


class DataError(FerDemoError):
    """A dataset, a column or a label that cannot be used."""


class SettingsError(FerDemoError):
    """A setting that makes no sense."""
