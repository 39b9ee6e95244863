"""What can go wrong with a region, each as one sentence for the person who asked."""


class RegionError(Exception):
    """A region can't be installed, used or removed. The message is one sentence that says what to do."""


class BadExtractError(RegionError):
    """The file is no extract that a region can be made of: corrupt, empty or without roads."""


class ImportBusyError(RegionError):
    """Another import of the same region is running."""
