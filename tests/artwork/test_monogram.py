"""The letters that stand for a title."""

# ruff: noqa: RUF001

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_plugin.artwork.characters import characters
from microcred_plugin.artwork.monogram import monogram


@pytest.mark.parametrize(
    ("title", "letters"),
    [
        ("Data Literacy", "DL"),
        ("Statistics for Decisions, with Distinction", "SDD"),
        ("A Very Long Title of Many Words", "VLT"),
        ("machine learning", "ML"),
        ("Python", "Py"),
        ("R", "R"),
        ("SQL", "SQL"),
        ("The", "Th"),
        ("Writer's Craft", "WC"),
        ("3D Printing", "3P"),
        ("2030", "20"),
        ("Datenkompetenz für Verwaltungsmitarbeiterinnen", "DV"),
        ("L’analyse des données", "AD"),
        ("Élan vital", "ÉV"),
        ("e\u0301lan vital", "E\u0301V"),
        ("ßharp", "ßh"),
        ("Анализ данных для решений", "АДР"),
        ("ქართული ენა", "ქე"),
        ("تحليل البيانات", "ت"),
        ("البيانات الكبيرة", "ب"),
        ("数据素养", "数据"),
        ("データ 分析", "デー"),
        ("हिन्दी भाषा", "हि"),
        ("เรียนรู้", "เรี"),
        ("🎓 Data Literacy 🎉", "DL"),
        ("👩‍🔬", "👩‍🔬"),
        ("C++", "C"),
        ("…", "…"),
        ("", ""),
    ],
)
def test_monogram(title: str, letters: str) -> None:
    assert monogram(title) == letters


@given(st.text(min_size=1, max_size=40))
def test_monogram_has_at_most_three_characters(title: str) -> None:
    assert len(characters(monogram(title))) <= 3
