"""Rounds of a benchmark: figures noted, medians and spread printed, all kept as JSON."""

from __future__ import annotations

import json
import os
import platform
import statistics
from pathlib import Path
from typing import Any

ROUNDS = 5


class Rounds:
    """Figures by name, one per round. Rounds are interleaved by whoever notes them."""

    def __init__(self, unit: str = "/s") -> None:
        self.figures: dict[str, list[float]] = {}
        self.ratios: dict[str, float] = {}
        self._unit = unit

    def note(self, name: str, value: float) -> None:
        self.figures.setdefault(name, []).append(value)
        say(f"  {name:44} {value:12,.0f} {self._unit}")

    def median(self, name: str) -> float:
        return statistics.median(self.figures[name])

    def compare(self, name: str, other: str) -> None:
        self.ratios[f"{name} against {other}"] = self.median(name) / self.median(other)

    def keep(self, target: Path) -> None:
        """Prints medians, spread and ratios, and writes them with facts of the machine."""
        for name, values in self.figures.items():
            low, high = min(values), max(values)
            say(f"{name:46} {self.median(name):12,.0f} {self._unit}  [{low:,.0f} .. {high:,.0f}]")
        for name, ratio in self.ratios.items():
            say(f"{name:72} {ratio:8.2f}")
        target.parent.mkdir(parents=True, exist_ok=True)
        summary = {
            "machine": machine(),
            "rounds": self.figures,
            "medians": {name: self.median(name) for name in self.figures},
            "ratios": self.ratios,
        }
        target.write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
        say(f"kept in {target}")


def machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load": os.getloadavg(),
    }


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201
