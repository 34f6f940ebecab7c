from publishing.markdown import Block, anchors, blocks, links, with_links

PAGE = """# A page

See [one](one.md#part) and ![a picture](two.svg), [here](#a-page), [far](https://example.org/x).

1. A step:

    ```python title="one.py"
    list[0](three.md)
      deeper()
    ```

````markdown
```sh
[no](link.md)
```
````

## A page

## `code()`, and [a link](x.md) {#given}
"""


def test_links_are_those_of_the_prose() -> None:
    assert [*links(PAGE)] == [
        (3, "one.md", "part"), (3, "two.svg", ""), (3, "", "a-page"), (3, "https://example.org/x", ""),
        (20, "x.md", ""),
    ]  # fmt: skip


def test_blocks_come_without_their_indentation_and_with_the_blocks_in_them() -> None:
    assert [*blocks(PAGE)] == [
        Block(8, "python", "list[0](three.md)\n  deeper()\n", "one.py"),
        Block(13, "markdown", "```sh\n[no](link.md)\n```\n"),
    ]


def test_anchors_are_numbered_and_may_be_given() -> None:
    assert anchors(PAGE) == {"a-page", "a-page_1", "given"}


def test_targets_change_in_the_prose_alone() -> None:
    changed = with_links(PAGE, lambda target: f"up/{target}")
    assert "[one](up/one.md#part)" in changed
    assert "[here](#a-page)" in changed
    assert "[no](link.md)" in changed
