from json import JSONDecodeError
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from billing.access import Actor


class CarefulJSONParser(JSONParser):
    """What is no JSON is the sender's error, not ours, also where it is nested so deep that the parser gives up."""

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(stream, *args, **kwargs)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deep.")) from error
        except ParseError as error:
            raise ParseError(_why(error.__context__)) from error


def _why(error: BaseException | None) -> str:
    """What was wrong with the JSON, for people."""
    if isinstance(error, JSONDecodeError):
        place = {"line": error.lineno, "column": error.colno}
        return _("The body is no JSON: see line %(line)d, column %(column)d.") % place
    return _("The body is no JSON in UTF-8.")


class Text(serializers.CharField):
    """Text of a body; a number is none, though DRF would take it for its digits."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


def body(serializer: type[serializers.Serializer], request: Request, *, by: Actor) -> dict[str, Any]:
    """The validated body of who may act: who may not is told that, and not what is wrong with the body.

    Raises Refused `permission_denied`, ValidationError.
    """
    by.require_to_act()
    read = serializer(data=request.data)
    read.is_valid(raise_exception=True)
    return read.validated_data
