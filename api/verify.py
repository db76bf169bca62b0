"""Public verification, without a token."""

from typing import Any, NoReturn

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from api.amounts import AmountField
from api.parsing import StrictSerializer, unknown_members
from api.problems import MAX_TEXT_CHARS
from api.schema import refuses
from api.shown import ShownList, ShownNumber, ShownText, column, currency
from api.views import ApiView
from common.request_bodies import discard_body
from contracts.eligibility import MAX_ORDERS
from contracts.models import Contract
from contracts.types import CHOICES
from contracts.verification.codes import verdict_of_code
from contracts.verification.file_verdict import verdict_of_file
from contracts.verification.findings import Code
from contracts.verification.throttle import VerificationThrottle
from contracts.verification.uploads import FIELD, MAX_UPLOAD_MEGABYTES, get_uploaded_file, prepare_upload


class FindingSerializer(serializers.Serializer):
    code = serializers.ChoiceField(choices=[code.value for code in Code])
    detail = ShownText(MAX_TEXT_CHARS)


class UploadSerializer(StrictSerializer):
    file = serializers.FileField(help_text=f"A PDF file, {MAX_UPLOAD_MEGABYTES} MB at most.")


class VerdictSerializer(serializers.Serializer):
    authentic = serializers.BooleanField(
        help_text="False for contracts of test accounts, whose verdict has the finding `test`."
    )
    status = serializers.ChoiceField(choices=Contract.Status.choices, allow_null=True)
    number = column(Contract, "number", allow_null=True)
    sealed_at = serializers.DateTimeField(allow_null=True)
    sha256 = ShownText(
        pattern="^([0-9a-f]{64})?$", help_text="Of the file; for a code, of the sealed document, or empty."
    )
    findings = ShownList(FindingSerializer(), len(Code))


class CodeVerdictSerializer(VerdictSerializer):
    """Facts to compare with a printed contract (R41)."""

    type = serializers.ChoiceField(choices=CHOICES, source="type.value")
    total_amount = AmountField()
    currency = currency()
    order_count = ShownNumber(1, MAX_ORDERS)
    party_a_masked = ShownText(5, help_text="First and last character of Party A's name.")
    party_b = column(Account, "certified_name")


class PublicView(ApiView):
    """Counts calls by address, together with the public pages."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def authorize(self, request: Request) -> None:
        """Allow everybody."""

    def get_throttles(self) -> list[Any]:
        self.throttle = VerificationThrottle()
        return [self.throttle]

    def throttled(self, request: Request, wait: float | None) -> NoReturn:
        discard_body(request._request)
        super().throttled(request, wait)  # type: ignore[arg-type]


class VerifyCodeView(PublicView):
    @extend_schema(
        operation_id="verify_code",
        summary="The current status of the contract with this code",
        responses=CodeVerdictSerializer,
    )
    def get(self, request: Request, code: str) -> Response:
        verdict = verdict_of_code(code)
        if verdict is None:
            raise NotFound(_("No contract has this code."))
        return Response(CodeVerdictSerializer(verdict).data)


class FormParser(MultiPartParser):
    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except ParseError as error:
            raise ParseError(_("The body is not multipart/form-data.")) from error


def require_known_fields(form: Any) -> None:
    """Raises ValidationError for a form with another field than `file` (R46)."""
    if errors := unknown_members(form, {FIELD}):
        raise serializers.ValidationError(errors)


class VerifyFileView(PublicView):
    parser_classes = (FormParser,)

    @extend_schema(
        operation_id="verify_file",
        summary="Whether a file is ours and unchanged, and whether its contract is in force",
        request=UploadSerializer,
        responses={200: VerdictSerializer},
    )
    @refuses("seal_unavailable", "verifier_busy")
    def post(self, request: Request) -> Response:
        prepare_upload(request._request)
        form = request.data
        file = get_uploaded_file(request._request)
        require_known_fields(form)
        verdict = verdict_of_file(file.read())
        self.throttle.charge_cpu(request, verdict.cpu_seconds)
        return Response(VerdictSerializer(verdict).data)
