"""Bad and late data: did every planted row meet the fate that it deserves?"""
