from django.apps import AppConfig


class ChannelsIngestConfig(AppConfig):
    name = "channels_ingest"

    def ready(self) -> None:
        from channels_ingest.services import process
        from tenancy import lanes

        lanes.register(process.lane)
