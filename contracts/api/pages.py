from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class NewestFirst(CursorPagination):
    """Pages by cursor in the order that the QuerySet has, so that rows added meanwhile shift nothing."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        """As asked for. Raises ValidationError for what is no number of rows, instead of giving another."""
        given = request.query_params.get(self.page_size_query_param)
        if not given:
            return self.page_size
        try:
            return serializers.IntegerField(min_value=1, max_value=self.max_page_size).run_validation(given)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({self.page_size_query_param: error.detail}) from error

    def decode_cursor(self, request: Request) -> Cursor | None:
        """As DRF does, and a cursor that names no point in time is refused, too. Raises NotFound."""
        cursor = super().decode_cursor(request)
        if cursor and cursor.position is not None:
            try:
                at = parse_datetime(str(cursor.position))
            except ValueError:
                at = None
            if at is None:
                raise NotFound(self.invalid_cursor_message)
        return cursor

    def get_ordering(self, request: Request, queryset: QuerySet, view: APIView) -> tuple[str, ...]:
        return tuple(map(str, queryset.query.order_by or queryset.model._meta.ordering or ["-pk"]))


def only(request: Request, *names: str) -> None:
    """Refuse a parameter that a list does not have, besides those of paging: a misspelt filter would list everything.

    Raises ValidationError with one fault a parameter.
    """
    unknown = set(request.query_params) - {*names, NewestFirst.cursor_query_param, NewestFirst.page_size_query_param}
    if unknown:
        raise serializers.ValidationError({name: _("There is no such parameter.") for name in sorted(unknown)})
