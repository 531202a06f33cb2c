"""What was merged before, where an import goes through temporary files: the same cases, with room for nothing."""

from __future__ import annotations

from contract import test_merged_before

from .test_imports_through_files import no_room

CASES = {name: case for name, case in vars(test_merged_before).items() if name.startswith("test_")}
globals().update(CASES)
say, merged = test_merged_before.say, test_merged_before.merged

__all__ = ["merged", "no_room", "say"]


def test_the_cases_are_there() -> None:
    assert len(CASES) > 10
