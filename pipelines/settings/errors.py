"""The one error of settings. Does not belong here: any check."""


class SettingsError(ValueError):
    """A setting, shop file or home that cannot be used; the message is one line: what, where, what to do."""
