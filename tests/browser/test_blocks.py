"""The blocks' pages and forms."""

import pytest

from tests.browser.place import KEY
from tests.browser.screen import Screen
from tests.operating.site import Site

PASSWORD = "planted-password-9876543210"
HELP = {
    "alpha-vantage": ("API key", "Your key. The public key 'demo' answers for IBM's daily bars only."),
    "alerts": ("Reader's time zone", "Closing times are given on this clock too, such as Europe/Paris."),
    "ledger": ("URL", "A database address in SQLAlchemy's form, such as sqlite:////var/lib/nextclose/ledger.db"),
    "smtp": ("SMTP Server", "Either the hostname of the SMTP server"),
}


def block_id(site: Site, name: str) -> str:
    """Return a block's id by its name."""
    found = site.post("block_documents/filter", {"block_documents": {"name": {"any_": [name]}}})
    return str(found[0]["id"])


@pytest.mark.parametrize("name", HELP)
def test_a_block_explains_its_fields_and_hides_its_secrets(screen: Screen, site: Site, name: str) -> None:
    """On its page and in its form; the planted key stands in neither."""
    for number, path in ((1, ""), (2, "/edit")):
        screen.go(f"blocks/block/{block_id(site, name)}{path}")
        screen.see(HELP[name][0])
        screen.shot(f"4{number}-block-{name}{path.replace('/', '-')}", 1500)
        assert KEY not in screen.page.content()
        values = screen.page.locator("textarea").evaluate_all("all => all.map(one => one.value)")
        assert ("********" in (*screen.words().splitlines(), *values)) == (name != "alerts")
    screen.see(HELP[name][1])


def test_a_kafka_cluster_is_stored_by_the_form(screen: Screen, site: Site) -> None:
    """Typed and clicked: what is left empty keeps its default, and the password is never shown again."""
    page = screen.page
    screen.go("blocks/catalog/kafka-cluster/create")
    screen.see("One or more of host:port, separated by commas.")
    screen.write(page.locator(".p-label", has_text="Block Name").locator("input"), "elsewhere")
    for label, value in (("Bootstrap servers", "kafka.example.org:9092"), ("SASL password", PASSWORD)):
        screen.write(page.locator(f"xpath=//*[normalize-space(text())='{label}']/following::textarea[1]"), value)
    screen.shot("43-kafka-form", 3300)
    screen.submit("Create", "**/block_documents/")
    screen.see("kafka.example.org:9092")
    screen.shot("44-kafka-block", 1500)
    assert PASSWORD not in page.content()
    stored = site.ask("GET", f"block_documents/{block_id(site, 'elsewhere')}?include_secrets=true")["data"]
    assert stored == {"bootstrap_servers": "kafka.example.org:9092", "sasl_password": PASSWORD}
