"""ARGO's resource API (`/api/v1/resource/chat/`, `/streamchat/`): one module for each provider's message shape."""
