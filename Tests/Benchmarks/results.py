"""What the measurements come to: rows with targets, and tables, printed or written as Markdown."""

from dataclasses import dataclass, field
from statistics import median


@dataclass
class Row:
    """One line of the summary. `met` is None where no target is set."""

    what: str
    value: str
    target: str = ""
    met: bool | None = None

    @property
    def verdict(self):
        return {None: "", True: "met", False: "NOT met"}[self.met]


@dataclass
class Table:
    title: str
    header: list[str]
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class Result:
    """What one part of the benchmark measured."""

    part: str
    rows: list[Row]
    tables: list[Table] = field(default_factory=list)


def spread(values, unit="", digits=0):
    """The median of the values, and between what they lie."""
    low, high = min(values), max(values)
    text = f"{median(values):,.{digits}f}{unit}"
    return text if len(values) == 1 else f"{text} ({low:,.{digits}f}–{high:,.{digits}f})"


def markdown(header, rows):
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines)


def summary(results):
    """All rows in one table."""
    rows = [
        [row.what, row.value, row.target, row.verdict, f"`make bench PART={result.part}`"]
        for result in results for row in result.rows
    ]
    return markdown(["What", "Measured", "Target", "", "Command"], rows)


def details(results):
    """The tables behind the summary."""
    return "\n\n".join(
        f"### {table.title}\n\n{markdown(table.header, table.rows)}" for result in results for table in result.tables)
