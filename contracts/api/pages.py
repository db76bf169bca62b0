from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class NewestFirst(CursorPagination):
    """Pages by cursor in the order that the QuerySet has, so that rows added meanwhile shift nothing."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

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
