"""The three stories that Omnidesk exists for, told through its services."""

from collections.abc import Mapping

from contacts.models import Account
from omnidesk.demo.office import Office
from omnidesk.demo.stories import agency, integration, shop


def tell(office: Office, accounts: Mapping[str, Account]) -> None:
    """Tell all three; they end within the last hour."""
    integration.tell(office, accounts["Northpeak Robotics"])
    shop.tell(office)
    agency.tell(office, accounts["Bellweather Media"])
