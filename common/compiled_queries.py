"""Queries that Django compiles once in each process. Compiling a small query takes longer than running it.

See docs/decisions/0041-frequent-queries-are-compiled-once.md.
"""

from collections.abc import Callable
from copy import copy
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=Model)


class Parameter(Expression):
    """A value of a compiled query, by name, where a queryset takes an expression. It is never None.

    `output_field`: the column that it is compared with, which converts it as in an ordinary filter.
    """

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        return "%s", [self]


class CompiledQuery(Generic[Row]):
    """The queryset that `build` returns, with a value for each Parameter at each use."""

    def __init__(self, build: Callable[[], QuerySet[Row]]) -> None:
        self._build = build

    @cached_property
    def _compiled(self) -> tuple[QuerySet[Row], SQLCompiler, str, tuple[Any, ...]]:
        rows = self._build()
        compiler = rows.query.get_compiler(rows.db)
        return rows, compiler, *compiler.as_sql()

    def rows(self, **values: Any) -> QuerySet[Row]:
        """Return the rows for these values, as a queryset that can be read but not refined."""
        built, compiled, sql, params = self._compiled
        rows = built.all()
        connection = connections[rows.db]
        compiler = copy(compiled)  # it has the columns of the result
        compiler.connection = connection  # of this thread
        given = tuple(
            param.output_field.get_db_prep_value(values[param.name], connection)
            if isinstance(param, Parameter)
            else param
            for param in params
        )
        compiler.as_sql = lambda *_args, **_kwargs: (sql, given)  # type: ignore[method-assign]
        rows.query.get_compiler = lambda *_args, **_kwargs: compiler  # type: ignore[method-assign]
        return rows
