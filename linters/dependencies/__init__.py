"""What the project depends on: declared where it is imported, bounded both ways, under a licence that is allowed.

Does not belong here: which releases fit together (`make lock` resolves that).
"""
