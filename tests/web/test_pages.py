from argo_proxy.dialects import DIALECTS
from argo_proxy.web.pages import landing_page


def test_the_landing_page_tells_of_every_client_api() -> None:
    assert [path for path in DIALECTS if path not in landing_page().decode()] == []
