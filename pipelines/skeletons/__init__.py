"""Skeletons of what a project grows by: a domain, source, entity, mart, model, section, system or grade of a name.

Belongs here: what each kind is made of and stands on (`kinds.py`), what the project has already (`project.py`), names
(`names.py`), writing (`writing.py`), and `templates/<kind>/`: files at their places in the project, readable as what
they become. Does not belong here: drafting contracts from files of data (pipelines.onboarding), printing.
Nothing that stands is edited: where a skeleton needs that, the mechanism is mended instead.
"""
