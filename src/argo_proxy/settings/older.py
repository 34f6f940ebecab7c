"""Keys of the older argo-proxy, versions 1 to 3: what they are called now, or that they mean nothing any more."""

from collections.abc import Mapping

RENAMED: Mapping[str, str] = {
    **{f"_{name}": name for name in ("argo_base_url", "argo_url", "argo_stream_url", "argo_embedding_url")},
    "_argo_model_url": "argo_model_url",
    "_real_stream": "real_stream",
    "_tool_prompt": "tool_prompting",
    "tool_prompt": "tool_prompting",
    "_skip_url_validation": "skip_url_validation",
    "default_embed_model": "default_embedding_model",
}
_OBSOLETE = frozenset(
    {
        "anthropic_stream_mode",
        "concurrent_downloads",
        "config_version",
        "connection_test_timeout",
        "data_dir",
        "dev_mode",
        "dump_dir",
        "dump_requests",
        "enable_leaked_tool_fix",
        "enable_payload_control",
        "force_conversion",
        "image_timeout",
        "log_to_file",
        "max_log_history",
        "max_payload_size",
        "mode",
        "num_workers",
        "provider_tool_format",
    }
)
_OBSOLETE_PREFIXES = ("_", "native_", "use_native_", "use_legacy_")
_REPLACED: Mapping[str, str] = {
    "model_refresh_interval_hours": "model_refresh_h",
    "timeout": "upstream_idle_timeout_s",
}
"""Not renamed: their values meant something else."""


def current(name: str) -> str:
    """What a key is called now."""
    return RENAMED.get(name, name)


def is_obsolete(name: str) -> bool:
    """Whether a key means nothing any more, and nothing stands in its place."""
    return name in _OBSOLETE or name.startswith(_OBSOLETE_PREFIXES)


def successor(name: str) -> str | None:
    """The key that does what comes closest to an obsolete one."""
    return _REPLACED.get(name)
