"""What a member has not read yet."""

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from conversations.models import Conversation, Seen
from tenancy.models import Member


def with_unread(rows: QuerySet[Conversation], member: Member) -> QuerySet[Conversation]:
    """Conversations with whether the customer has written since the member read them, as `is_unread`, in the same
    query."""
    read = Seen.objects.filter(
        conversation=OuterRef("pk"), member=member.pk, at__gte=OuterRef("last_inbound_at")
    )
    is_unread = Q(last_inbound_at__isnull=False) & ~Exists(read)
    return rows.annotate(is_unread=ExpressionWrapper(is_unread, output_field=BooleanField()))
