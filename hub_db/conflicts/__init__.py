"""Tidak Padan: sources that disagree, rows that do not fit what they refer to, two keys of one person."""
