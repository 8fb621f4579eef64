"""Web chat: sessions of visitors, the frames that their widget speaks in, and what they see.

docs/channels/chat.md has the protocol.
"""
