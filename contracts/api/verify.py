"""Verifying, for anybody: no token."""

from typing import Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts.verification import Code, verdict_of_code, verdict_of_file
from contracts.verification.throttle import VerificationThrottle
from contracts.verification.uploads import leave, prepare, uploaded


class FindingSerializer(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField()


class VerdictSerializer(serializers.Serializer):
    authentic = serializers.BooleanField()
    status = serializers.CharField(allow_null=True)
    number = serializers.CharField(allow_null=True)
    sealed_at = serializers.DateTimeField(allow_null=True)
    sha256 = serializers.CharField(help_text="Of the file; of a code's sealed document, empty where there is none.")
    findings = FindingSerializer(many=True)


class PublicView(APIView):
    """Counted by address, together with the pages."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get_throttles(self) -> list[Any]:
        self.throttle = VerificationThrottle()
        return [self.throttle]

    def throttled(self, request: Request, wait: float | None) -> NoReturn:
        leave(request._request)
        super().throttled(request, wait)  # type: ignore[arg-type]


class VerifyCodeView(PublicView):
    def get(self, request: Request, code: str) -> Response:
        verdict = verdict_of_code(code)
        if verdict is None:
            raise NotFound(_("No contract has this code."))
        return Response(VerdictSerializer(verdict).data)


class VerifyFileView(PublicView):
    parser_classes = (MultiPartParser,)

    def post(self, request: Request) -> Response:
        prepare(request._request)
        request.data  # noqa: B018 - read as a form of several parts, or refused here
        verdict = verdict_of_file(uploaded(request._request))
        if verdict.found(Code.TOO_COMPLEX):
            self.throttle.charge_more()
        return Response(VerdictSerializer(verdict).data)
