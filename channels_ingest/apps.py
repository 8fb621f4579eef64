from django.apps import AppConfig


class ChannelsIngestConfig(AppConfig):
    name = "channels_ingest"

    def ready(self) -> None:
        from channels_ingest.base import ADAPTERS
        from channels_ingest.services import process, send
        from conversations import kinds
        from tenancy import lanes

        lanes.register(process.lane)
        lanes.register(send.lane)
        for kind in ADAPTERS:
            kinds.register_sender(kind)
