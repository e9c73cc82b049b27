"""The warehouse: stock and its movements, parcels and the stages that they pass."""
