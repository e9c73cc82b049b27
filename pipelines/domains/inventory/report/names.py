"""What products are called on the page on inventory.

Does not belong here: names of locations, which have no other language.
"""

from __future__ import annotations

import pandas as pd

from pipelines.reporting.language import Language


def product_names(products: pd.DataFrame, language: Language) -> list[str]:
    """In Chinese by their `name_local`, where they have one, else by their `description`."""
    if language.code != "zh":
        return list(products["description"])
    return list(products["name_local"].fillna(products["description"]))
