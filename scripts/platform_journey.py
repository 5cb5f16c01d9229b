"""
A journey through a running platform, over HTTP, as an author and a learner make it.

    python scripts/platform_journey.py courses   two courses in Studio, each with a graded problem
    python scripts/platform_journey.py learn     a learner enrolls and answers; wait for the badges

Between the two, `stack.yaml` that the first one writes is imported and published in the LMS:
`manage.py lms microcred import --publish stack.yaml`. docs/how-to/test-in-a-platform.md has the
whole of it. For a platform of your own to try things in: it makes courses.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import requests

PROBLEM = (
    "<problem><multiplechoiceresponse><p>What is 2 + 2?</p><choicegroup type='MultipleChoice'>"
    "<choice correct='true'>4</choice><choice correct='false'>5</choice>"
    "</choicegroup></multiplechoiceresponse></problem>"
)
STACK = """\
format: microcredentials/1
microcredentials:

  - slug: {first}
    uuid: {first_uuid}
    organization: {organization}
    title: Describing Data
    visibility: public
    description: The holder describes a set of data in numbers and pictures.
    language: en
    requirements:
      kind: course
      runs: [{first_run}]

  - slug: {second}
    uuid: {second_uuid}
    organization: {organization}
    title: Statistics for Everybody
    visibility: public
    description: The holder describes data, and draws conclusions from samples.
    language: en
    requirements:
      kind: all_of
      of:
        - kind: microcredential
          microcredential: {first_uuid}
        - kind: course
          course: {second_course}
"""


class Browser(requests.Session):
    """Somebody who is logged in to the LMS, and so to Studio."""

    def __init__(self, lms: str, username: str, password: str) -> None:
        super().__init__()
        self.lms = lms
        self.get(f"{lms}/csrf/api/v1/token")
        self.send_json(
            f"{lms}/api/user/v2/account/login_session/",
            data={"email_or_username": username, "password": password},
        )

    def send_json(self, url: str, method: str = "POST", **values: Any) -> Any:
        """Send something and read the answer; ends the journey if it is refused."""
        site = "/".join(url.split("/")[:3])
        self.headers.update({"Referer": site, "Accept": "application/json"})
        if token := self.cookies.get_dict().get("csrftoken"):
            self.headers["X-CSRFToken"] = token
        response = self.request(method, url, **values)
        if not response.ok:
            sys.exit(f"{method} {url}: {response.status_code} {response.text[:500]}")
        return response.json() if response.text.strip() else {}


def make_course(browser: Browser, studio: str, organization: str, number: str) -> str:
    """A course with a graded problem and a certificate; its key."""

    def send(path: str, method: str = "POST", **values: Any) -> Any:
        return browser.send_json(f"{studio}{path}", method, json=values or None)

    name = {"org": organization, "number": number, "run": "R1", "display_name": f"Course {number}"}
    key = str(send("/course/", **name)["course_key"])
    parent = f"{key.replace('course-v1', 'block-v1')}+type@course+block@course"
    blocks = []
    for category, title in (("chapter", "Section"), ("sequential", "Quiz"), ("vertical", "Unit")):
        block = {"parent_locator": parent, "category": category, "display_name": title}
        parent = send("/xblock/", **block)["locator"]
        blocks.append(parent)
    problem = send("/xblock/", parent_locator=parent, category="problem")["locator"]
    send(f"/xblock/{problem}", data=PROBLEM, metadata={"display_name": "Sum"})
    send(f"/xblock/{blocks[1]}", graderType="Homework")
    details = send(f"/settings/details/{key}", "GET")
    details |= {"start_date": "2020-01-01T00:00:00Z", "enrollment_start": "2020-01-01T00:00:00Z"}
    details["certificates_display_behavior"] = "early_no_info"
    send(f"/settings/details/{key}", **details)
    grading = send(f"/settings/grading/{key}", "GET")
    homework = {"id": 0, "type": "Homework", "short_label": "HW", "min_count": 1, "drop_count": 0}
    grading |= {"graders": [{**homework, "weight": 100}], "grade_cutoffs": {"Pass": 0.5}}
    send(f"/settings/grading/{key}", **grading)
    send(f"/xblock/{blocks[0]}", publish="make_public")
    mode = {"mode_slug": "honor", "mode_display_name": "Honor", "min_price": 0, "currency": "usd"}
    browser.send_json(
        f"{browser.lms}/api/course_modes/v1/courses/{key}/", json={"course_id": key, **mode}
    )
    return key


def courses(options: argparse.Namespace) -> None:
    """Make both courses, and write the definitions that ask for them."""
    browser = Browser(options.lms, options.author, options.password)
    keys = [
        make_course(browser, options.studio, options.organization, f"{options.prefix}{number}")
        for number in (1, 2)
    ]
    slug = options.prefix.lower()
    definitions = STACK.format(
        organization=options.organization,
        first=f"{slug}-1",
        second=f"{slug}-2",
        first_uuid=f"5f0f3c34-9f53-4c0e-9d3e-{int(time.time()):012d}",
        second_uuid=f"6f0f3c34-9f53-4c0e-9d3e-{int(time.time()):012d}",
        first_run=keys[0],
        second_course=f"{options.organization}+{options.prefix}2",
    )
    Path(options.file).write_text(definitions, encoding="utf-8")
    print("\n".join(keys))
    print(f"Their definitions are in {options.file}.")


def learn(options: argparse.Namespace) -> None:
    """Answer the problem of each course, and see when the badges are there."""
    browser = Browser(options.lms, options.learner, options.password)
    before = {award["uuid"] for award in awards_of(browser)}
    for number in (1, 2):
        key = f"course-v1:{options.organization}+{options.prefix}{number}+R1"
        print(f"{key}: {answer(browser, options.learner, key)}")
        before.add(wait_for_another(browser, before))


def answer(browser: Browser, learner: str, key: str) -> str:
    """Enroll in a course and answer its problem; what the platform says to that."""
    wanted = {"course_details": {"course_id": key}, "mode": "honor"}
    browser.send_json(f"{browser.lms}/api/enrollment/v1/enrollment", json=wanted)
    query = f"course_id={key.replace('+', '%2B')}&depth=all&block_types_filter=problem"
    found = browser.send_json(
        f"{browser.lms}/api/courses/v2/blocks/?{query}&username={learner}", "GET"
    )
    (problem,) = found["blocks"]
    chosen = {f"input_{problem.rpartition('@')[2]}_2_1": "choice_0"}
    handler = f"{browser.lms}/courses/{key}/xblock/{problem}/handler/xmodule_handler"
    return str(browser.send_json(f"{handler}/problem_check", data=chosen)["success"])


def wait_for_another(browser: Browser, before: set[str]) -> str:
    """The uuid of the learner's next award; ends the journey after half a minute without one."""
    start = time.monotonic()
    while time.monotonic() - start < 30:
        for award in awards_of(browser):
            if award["uuid"] not in before:
                seconds = time.monotonic() - start
                print(f"  {award['title']}: {award['state_text']} after {seconds:.1f} s")
                print(f"  {award['url']}")
                return str(award["uuid"])
        time.sleep(0.25)
    sys.exit("  No badge after half a minute.")


def awards_of(browser: Browser) -> list[dict[str, Any]]:
    found = browser.send_json(f"{browser.lms}/microcredentials/api/v1/awards/", "GET")
    return list(found["results"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("part", choices=["courses", "learn"])
    parser.add_argument("--lms", default="http://localhost:18000")
    parser.add_argument("--studio", default="http://localhost:18010")
    parser.add_argument("--author", default="admin", help="staff of the platform")
    parser.add_argument("--learner", default="learner")
    parser.add_argument("--password", default="edx", help="that of both")
    parser.add_argument("--organization", default="DemoOrg")
    parser.add_argument("--prefix", default="STATS", help="of the courses' numbers")
    parser.add_argument("--file", default="stack.yaml")
    options = parser.parse_args()
    {"courses": courses, "learn": learn}[options.part](options)


if __name__ == "__main__":
    main()
