"""Identifiers that must not be swapped for one another."""

from typing import NewType

OpdCode = NewType("OpdCode", str)  # slug of an agency: "disdukcapil"
DocumentName = NewType("DocumentName", str)  # with hyphens, as in topics: "kartu-keluarga"
EntityName = NewType("EntityName", str)  # with underscores, as in tables: "kartu_keluarga"
FieldName = NewType("FieldName", str)
TopicName = NewType("TopicName", str)
SubjectName = NewType("SubjectName", str)
SchemaId = NewType("SchemaId", int)
EventKey = NewType("EventKey", str)  # the Kafka key as text; parts joined by "|"
