from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request


class CarefulJSONParser(JSONParser):
    """JSON nested so deep that the parser gives up is the sender's error, not ours."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deep.")) from error


def body(serializer: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """The validated body. Raises ValidationError."""
    read = serializer(data=request.data)
    read.is_valid(raise_exception=True)
    return read.validated_data
