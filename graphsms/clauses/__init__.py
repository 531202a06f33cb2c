"""The clause catalogue: every requirement of both editions of ISO/IEC 20000-1, in our own words.

::

    ontology/clauses/*.ttl
      → reading      nodes with their literals and links
      → catalogue    editions, clauses, requirements, what the graph can show, the way between the editions
      → references   "8.2.3.1 a)", "2011:4.2" → what is meant

The standard is copyrighted and has to be bought: clause numbers, titles and defined terms are its own, the
paraphrases are ours.
"""

from __future__ import annotations

from graphsms.clauses.catalogue import Catalogue, catalogue, catalogue_files
from graphsms.clauses.model import Became, Clause, Computed, Counterpart, Guidance, Requirement

__all__ = [
    "Became",
    "Catalogue",
    "Clause",
    "Computed",
    "Counterpart",
    "Guidance",
    "Requirement",
    "catalogue",
    "catalogue_files",
]
