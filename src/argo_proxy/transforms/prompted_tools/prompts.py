"""What models are told about tools in words, in the manner that each family follows best: data, not code."""

from __future__ import annotations

from collections.abc import Mapping

_PLAIN = """\
You can use tools. Each is described by a JSON object with its name, what it does, and the JSON Schema of its arguments:

{tools}

To use a tool, write this, and nothing else on these lines:
<tool_call>
{{"name": "NAME OF THE TOOL", "arguments": {{ARGUMENTS AS JSON}}}}
</tool_call>

Write valid JSON on the lines in between. Put no code block around it. {number} {choice}
After your calls, end your answer and wait. The next message brings the results as <tool_result name="..."> elements. \
Never write a result yourself."""

_OPENAI = """\
# Tools

These tools are available, one JSON object each, with the JSON Schema of its arguments under "parameters":

{tools}

## Calling a tool

A call is written in the text of your answer, on lines of its own, exactly like this:

<tool_call>
{{"name": "NAME", "arguments": {{...}}}}
</tool_call>

- The line in between is one valid JSON object; its arguments fit the schema of the tool.
- A call is never put into a code block or into quotation marks.
- {number}
- {choice}
- After the calls your answer ends. Results come in the next message, in <tool_result name="NAME"> tags; you do not \
write results."""

_ANTHROPIC = """\
<tools>
{tools}
</tools>

Each line in <tools> describes one tool that you can use: its name, what it does, and the JSON Schema of its \
arguments. Call a tool by writing

<tool_call>
{{"name": "the name", "arguments": {{"argument": "value"}}}}
</tool_call>

with valid JSON inside, outside of any code block. {number} {choice} End your turn after your calls: the results are \
given to you in <tool_result name="..."> tags in the next message. Only use results that were given to you there."""

_GOOGLE = """\
You have access to the following tools (JSON, arguments described by JSON Schema):

{tools}

Rules for using them:
1. To call a tool, output exactly this block, with valid JSON on the middle line:
<tool_call>
{{"name": "<name of the tool>", "arguments": {{<arguments>}}}}
</tool_call>
2. Do not wrap the block in Markdown code fences, and do not output Python code instead of it.
3. {number}
4. {choice}
5. Stop right after the last call. The results follow in the next message as <tool_result name="...">. Do not invent \
results."""

PROMPTS: Mapping[str, str] = {"plain": _PLAIN, "openai": _OPENAI, "anthropic": _ANTHROPIC, "google": _GOOGLE}

NUMBER_ANY = "You may make several calls in one answer, one block after the other."
NUMBER_ONE = "Make at most one call in an answer."

CHOICE_FREE = "If you need no tool, answer as usual, without a call."
CHOICE_ANY = "This time you must call a tool."
CHOICE_NAMED = 'This time you must call the tool "{name}".'

COMPLAINT = "Your answer does not make the call that it has to make, in a <tool_call> block. {choice}"
