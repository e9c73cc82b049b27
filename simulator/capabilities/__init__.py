"""What the pipeline is graded for where it spans source systems: each folder here is one capability, found by its being
there.

A folder holds `truth.py` (truth: tables of the key) and `grades.py` (GRADING; more of them in `grades_<name>.py`), each
with NEEDS, the systems without which there is nothing to tell. Does not belong here: what rests on one system alone
(systems/<system>/).
"""
