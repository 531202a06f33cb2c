"""The calendar of agreed service time, and what targets of availability still allow (8.3.3, 8.7.1).

`hours` and `timeset` are exact arithmetic of time without a store; `recurrence` follows windows; `period` is the span
that a target is counted over; `recorded` is what downtime the graph holds; `allowance` puts them together.
"""
