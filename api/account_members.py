"""Members of any account, for integrators (R49)."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.email_addresses import MAX_EMAIL_LENGTH
from accounts.members import add_member, change_member, remove_member
from accounts.models import Membership
from api.accounts import IntegratorView, get_account
from api.idempotency import once
from api.paging import KeysetPagination
from api.parsing import Boolean, NoMembers, StrictSerializer, Text, body
from api.schema import PAGING, page_of, refuses
from api.shown import MAX_USERNAME_CHARS, ShownText


class MemberSerializer(serializers.Serializer):
    username = ShownText(MAX_USERNAME_CHARS, source="user.username")
    email = ShownText(MAX_EMAIL_LENGTH, source="user.email")
    role = serializers.ChoiceField(choices=Membership.Role.choices)
    may_approve = serializers.BooleanField(help_text="May approve conversions (R44). Owners always may, viewers never.")
    is_active = serializers.BooleanField(source="user.is_active", help_text="Can sign in.")


class NewMemberSerializer(StrictSerializer):
    """A member to add. A new user sets a password by an emailed link; for a known user name the address must match."""

    username = Text(max_length=MAX_USERNAME_CHARS)
    email = Text(max_length=MAX_EMAIL_LENGTH)
    role = serializers.ChoiceField(choices=Membership.Role.choices)


class MemberChangesSerializer(StrictSerializer):
    role = serializers.ChoiceField(choices=Membership.Role.choices, required=False)
    may_approve = Boolean(required=False, help_text="For finance members.")


def get_member(number: str, username: str) -> Membership:
    """Return the account's member with this user name. Raises Http404."""
    members = Membership.objects.select_related("user", "account")
    return get_object_or_404(members, account__number=number, user__username=username)


class MemberListView(IntegratorView):
    query_parameters = PAGING

    @extend_schema(
        operation_id="list_members",
        summary="The account's members, newest first (integrators)",
        responses=page_of(MemberSerializer),
    )
    @refuses("invalid")
    def get(self, request: Request, number: str) -> Response:
        pages = KeysetPagination()
        members = get_account(number).memberships.select_related("user").order_by("-pk")
        page = pages.paginate_queryset(members, request, view=self)
        return pages.get_paginated_response(MemberSerializer(page, many=True).data)

    @extend_schema(
        operation_id="add_member",
        summary="Add a member (integrators)",
        request=NewMemberSerializer,
        responses={201: MemberSerializer},
    )
    @once
    @refuses("transition_not_allowed")
    def post(self, request: Request, number: str) -> Response:
        account = get_account(number)
        member = add_member(account=account, **body(NewMemberSerializer, request), by=self.actor)
        return Response(MemberSerializer(member).data, status=status.HTTP_201_CREATED)


class MemberDetailView(IntegratorView):
    @extend_schema(
        operation_id="change_member",
        summary="Change a member's role and right (integrators)",
        request=MemberChangesSerializer,
        responses=MemberSerializer,
    )
    @refuses("transition_not_allowed")
    def patch(self, request: Request, number: str, username: str) -> Response:
        member = get_member(number, username)
        given = body(MemberChangesSerializer, request)
        changed = change_member(
            member=member,
            role=given.get("role", member.role),
            is_approver=given.get("may_approve", member.is_approver),
            by=self.actor,
        )
        return Response(MemberSerializer(changed).data)

    @extend_schema(operation_id="remove_member", summary="Remove a member (integrators)", responses={204: None})
    @refuses("transition_not_allowed")
    def delete(self, request: Request, number: str, username: str) -> Response:
        member = get_member(number, username)
        body(NoMembers, request)
        remove_member(member=member, by=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)
