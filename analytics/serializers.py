"""The answers of reports in JSON, described for OpenAPI by their types."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any, get_args, get_origin

from rest_framework import serializers

from analytics.intervals import Estimate
from analytics.reports.catalog import Report
from analytics.reports.question import Question
from analytics.reports.shapes import Column, columns
from shortener.channels import Channel

Fields = dict[str, serializers.Field]

SIMPLE: dict[Any, type[serializers.Field]] = {
    int: serializers.IntegerField,
    float: serializers.FloatField,
    str: serializers.CharField,
    bool: serializers.BooleanField,
    date: serializers.DateField,
    datetime: serializers.DateTimeField,
}


class EstimateSerializer(serializers.Serializer[Estimate]):
    """A figure, and between what it lies with a certainty of 95 %."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class Answer(serializers.Serializer[dict[str, Any]]):
    """What was asked, in front of every answer."""

    site = serializers.CharField(source="question.site.key")
    time_zone = serializers.CharField(source="question.site.time_zone")
    start = serializers.DateField(source="question.start")
    end = serializers.DateField(source="question.end")


def answer_json(report: Report, question: Question, answer: Any) -> dict[str, Any]:
    """Return an answer as it is in JSON."""
    data: dict[str, Any] = serializer_of(report)({"question": question, "answer": answer}).data
    return data


@cache
def serializer_of(report: Report) -> type[Answer]:
    """Return the serializer of a report's answers."""
    shape = report.shape
    if isinstance(shape, type):
        name, fields = shape.__name__, _fields(shape, "answer.")
    else:
        name = f"{report.answer.__name__.title().replace('_', '')}Answer"
        fields = {"rows": _of_dataclass(report.row)(many=True, source="answer")}
    return type(name, (Answer,), {"__doc__": report.sentence, **fields})


@cache
def _of_dataclass(shape: type) -> type[serializers.Serializer]:
    attributes = {"__doc__": shape.__doc__, **_fields(shape)}
    return type(shape.__name__, (serializers.Serializer,), attributes)


def _fields(shape: type, prefix: str = "") -> Fields:
    """Return the fields of a dataclass; channels are told by name, with a label beside it."""
    found: Fields = {}
    for column in columns(shape):
        if column.type is Channel:
            null: dict[str, Any] = {"allow_null": column.is_optional}
            source = f"{prefix}{column.name}"
            found[column.name] = serializers.CharField(source=f"{source}.name", **null)
            found[f"{column.name}_label"] = serializers.CharField(source=f"{source}.label", **null)
        else:
            found[column.name] = _field(column, prefix)
    return found


def _field(column: Column, prefix: str) -> serializers.Field:
    options: dict[str, Any] = {"source": f"{prefix}{column.name}"} if prefix else {}
    if column.is_optional:
        options["allow_null"] = True
    if column.type is int and column.is_optional:
        options["help_text"] = "null: not observable."
    if column.type in SIMPLE:
        return SIMPLE[column.type](**options)
    if column.type is Estimate:
        return EstimateSerializer(**options)
    if get_origin(column.type) is tuple:
        return _of_dataclass(get_args(column.type)[0])(many=True, **options)
    return _of_dataclass(column.type)(**options)
