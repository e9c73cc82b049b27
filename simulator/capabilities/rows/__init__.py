"""Completeness of the facts: does every true row stand once?"""
