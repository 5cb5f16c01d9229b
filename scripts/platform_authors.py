"""
A journey through a running platform's Studio, over HTTP: authors, an instructor, a learner.

    python scripts/platform_authors.py courses   four courses, and one of another organisation
    python scripts/platform_authors.py learn     a learner passes two electives and the capstone
    python scripts/platform_authors.py publish   "2 of 3 and the capstone": built, looked at,
                                                 published, undone, published again
    python scripts/platform_authors.py offer     an instructor offers a course, the author accepts
    python scripts/platform_authors.py doors     who gets in where, and what is turned away

Each needs those before it, once for each `--prefix`. The LMS looks and awards at its own pace: at
once where Studio has MICROCRED_QUEUE, else with its next sweep, a minute later at most.
docs/how-to/test-in-a-platform.md has the whole of it. For a platform of your own to try things
in: it makes courses, and gives roles to people.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import quote, urlencode

import requests
from platform_journey import Browser, answer, awards_of, make_course

TITLE = "Data in Practice"
HOME = "/microcredentials/"
# How long is waited for the LMS: its sweep comes every minute.
PATIENCE = 150
TREE = "requirements"


class Forms(HTMLParser):
    """The forms of a page: the fields of each, as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[list[tuple[str, str]]] = []
        self._text: list[str] | None = None
        self._name = self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append([])
        elif not self.found:
            return
        elif tag == "input" and "name" in has:
            kind = has.get("type", "text")
            if kind not in ("file", "submit") and (
                kind not in ("checkbox", "radio") or "checked" in has
            ):
                self.found[-1].append((has["name"], has.get("value", "")))
        elif tag == "textarea":
            self._name, self._text = has.get("name", ""), []
        elif tag == "select":
            self._select = has.get("name", "")
        elif tag == "option" and "selected" in has and self._select:
            self.found[-1].append((self._select, has.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            self.found[-1].append((self._name, "".join(self._text)))
            self._text = None
        elif tag == "select":
            self._select = ""


class Person(Browser):
    """Somebody with a browser in which pages are read, and forms are filled in and sent."""

    def __init__(self, options: argparse.Namespace, username: str) -> None:
        super().__init__(options.lms, username, options.password)
        self.studio = options.studio
        self.username = username
        self.headers.update({"Accept": "text/html"})

    def open(self, path: str, expected: int = 200) -> requests.Response:
        """A page of Studio; ends the journey if it is answered otherwise."""
        url = path if path.startswith("http") else f"{self.studio}{path}"
        response = self.get(url, headers={"Accept": "text/html"})
        return self._seen("GET", response, expected)

    def fill_in(
        self, page: requests.Response, having: str, *, to: str = "", **typed: str
    ) -> requests.Response:
        """Send the first form of the page that has such a field, with what is typed in it."""
        forms = [dict(form) for form in Forms(page.text).found]
        form = next((form for form in forms if having in form), None)
        if form is None:
            sys.exit(f"{page.url} has no form with {having!r}: {said(page)[:1500]}")
        url = f"{self.studio}{to}" if to else page.url
        headers = {"Accept": "text/html", "Referer": page.url}
        response = self.post(url, data={**form, **typed}, headers=headers)
        return self._seen("POST", response, 200)

    def wait_for(self, page: requests.Response, words: str) -> float:
        """Read the page again and again until it fits these; how many seconds that took."""
        return wait(lambda: bool(re.search(words, said(self.open(page.url)))), page.url)

    def _seen(self, method: str, response: requests.Response, expected: int) -> requests.Response:
        if response.status_code != expected:
            sys.exit(
                f"{self.username}: {method} {response.url}: {response.status_code}, "
                f"not {expected}\n{said(response)[:1500]}"
            )
        return response


def said(page: requests.Response) -> str:
    """What is written on a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def wait(is_so: Callable[[], bool], what: str) -> float:
    start = time.monotonic()
    while not is_so():
        if time.monotonic() - start > PATIENCE:
            sys.exit(f"Waited for {what}, in vain.")
        time.sleep(0.5)
    return time.monotonic() - start


def keys_of(options: argparse.Namespace) -> list[str]:
    """Three electives, the capstone, and the course of the other organisation."""
    organizations = [options.organization] * 4 + [options.other_organization]
    return [
        f"course-v1:{organization}+{options.prefix}{number}+R1"
        for number, organization in enumerate(organizations, start=1)
    ]


def courses(options: argparse.Namespace) -> None:
    """Make the courses, and say who is in their teams."""
    staff = Person(options, options.staff)
    for number, key in enumerate(keys_of(options), start=1):
        organization = key.removeprefix("course-v1:").split("+")[0]
        print(make_course(staff, options.studio, organization, f"{options.prefix}{number}"))
    *own, other = keys_of(options)
    for key in own:
        give(staff, key, options.author, "staff")
    give(staff, other, options.instructor, "staff")
    give(staff, other, options.learner, "limited_staff")


def give(staff: Person, key: str, username: str, role: str) -> None:
    """Give somebody a role in a course, as its instructor dashboard does."""
    wanted = {"unique_student_identifier": username, "rolename": role, "action": "allow"}
    staff.send_json(f"{staff.lms}/courses/{key}/instructor/api/modify_access", data=wanted)
    print(f"{key}: {username} is {role}")


def learn(options: argparse.Namespace) -> None:
    """Pass the first two electives and the capstone."""
    browser = Browser(options.lms, options.learner, options.password)
    first, second, _third, capstone, _other = keys_of(options)
    for key in (first, second, capstone):
        print(f"{key}: {answer(browser, options.learner, key)}")


def publish(options: argparse.Namespace) -> None:
    """From a role to a learner's badge, and back, and there again."""
    staff, author = Person(options, options.staff), Person(options, options.author)
    become_author(options, staff, author)
    learner = Browser(options.lms, options.learner, options.password)
    page = build(options, author)
    page = author.open(re.sub("edit/$", "publish/", page.url))
    preview = author.fill_in(page, "csrfmiddlewaretoken", to=f"{path_of(page)}preview/")
    seconds = author.wait_for(preview, "1 learner would get it at once")
    print(f"previewed: 1 learner would get it at once, after {seconds:.1f} s")
    publication = publish_draft(author, learner, page)
    author.fill_in(publication, "csrfmiddlewaretoken", to=f"{path_at(publication)}undo/")
    seconds = wait(lambda: not holds(learner, page), "the badge to be gone")
    print(f"undone: the badge is gone after {seconds:.1f} s")
    author.fill_in(author.open(path_at(publication)), "version", to=f"{path_of(page)}begin/")
    publish_draft(author, learner, author.open(f"{path_of(page)}publish/"))
    print(f"{options.studio}{path_of(page)}")


def become_author(options: argparse.Namespace, staff: Person, author: Person) -> None:
    """Be nobody, and then an author; what somebody was before is taken from them."""
    place = f"{HOME}organizations/{quote(options.organization)}/"
    people = staff.open(place)
    for number in re.findall(
        rf"{re.escape(options.author)}.*?name=\"take\" value=\"(\d+)\"", people.text, re.DOTALL
    )[:1]:
        people = staff.fill_in(people, "csrfmiddlewaretoken", take=number)
    author.open(HOME)
    author.open(f"{HOME}new/", 404)
    author.open(place, 404)
    print("without a role: the list says how to get one, a new one and the roles are 404")
    staff.fill_in(people, "person", person=options.author, role="author")
    author.open(f"{HOME}new/")
    author.open(place, 404)
    print(f"{options.author} is an author of {options.organization}: may begin one")


def build(options: argparse.Namespace, author: Person) -> requests.Response:
    """Two of three electives and the capstone, by the buttons of the builder; the editor."""
    page = author.open(f"{HOME}new/")
    title = f"{TITLE} {options.prefix}"
    page = author.fill_in(
        page, "template", template="capstone", title=title, organization=options.organization
    )
    print(f"begun: {page.url}")
    *electives, capstone, _other = keys_of(options)
    for group, key in [*((0, key) for key in electives), (1, capstone)]:
        for op in (f"add:{TREE}.of[{group}]:course", f"run:{TREE}:{key}", f"done:{TREE}"):
            page = author.fill_in(page, TREE, op=f"{TREE}:{op}")
    page = author.fill_in(page, TREE, op="save", description="Answers questions with data.")
    if "Saved." not in said(page) or "At least 2 of these 3" not in said(page):
        sys.exit(f"Not saved: {said(page)[:3000]}")
    print("saved: at least 2 of these 3, and the capstone")
    return page


def publish_draft(author: Person, learner: Browser, page: requests.Response) -> requests.Response:
    publication = author.fill_in(page, "token")
    # A result that comes in meanwhile may be what awards it, before the publication does.
    seconds = author.wait_for(publication, "1 learner (earned|holds) it")
    wait(lambda: holds(learner, publication), "the learner's badge")
    print(f"published: the learner has the badge after {seconds:.1f} s")
    return publication


def holds(learner: Browser, page: requests.Response) -> bool:
    """Whether the learner has an active award of the microcredential that the page belongs to."""
    uuid = path_of(page).split("/")[-2]
    return any(
        one["microcredential"] == uuid and one["state"] == "active" for one in awards_of(learner)
    )


def path_at(page: requests.Response) -> str:
    return "/" + page.url.split("/", 3)[3].split("?")[0]


def path_of(page: requests.Response) -> str:
    """The path of the microcredential that a page belongs to."""
    found = re.match(rf"{HOME}m/[0-9a-f-]+/", path_at(page))
    return found.group() if found else sys.exit(f"{page.url} is of no microcredential.")


def offer(options: argparse.Namespace) -> None:
    """An instructor of another organisation offers a course; the author declines, then accepts."""
    author, instructor = Person(options, options.author), Person(options, options.instructor)
    course = f"{HOME}course/{keys_of(options)[-1]}/"
    title = f"{TITLE} {options.prefix}"
    for does, reason in (("decline", "Not in this one."), ("accept", "")):
        found = instructor.open(f"{course}offer/?{urlencode({'q': title})}")
        (uuid,) = set(re.findall(r"offer/\?to=([0-9a-f-]+)", found.text))
        form = instructor.open(f"{course}offer/?to={uuid}")
        page = instructor.fill_in(form, "which", note="It fits as an elective.", minimum_grade="60")
        print(f"offered: {'Offered.' in said(page)}")
        listed = author.open(f"{HOME}offers/")
        (waiting,) = set(re.findall(rf"{HOME}offers/([0-9a-f-]{{36}})/", listed.text))
        place = {"place": f"{TREE}.of[0]"} if does == "accept" else {}
        page = author.open(f"{HOME}offers/{waiting}/")
        page = author.fill_in(page, "do", do=does, reason=reason, **place)
        print(f"{does}: {'Agreed.' in said(page) or 'Declined.' in said(page)}")
        print(f"the instructor reads what was said: {reason in said(instructor.open(course))}")
    draft = said(author.open(f"{HOME}m/{uuid}/edit/"))
    print(f"in the draft: {'At least 2 of these 4' in draft}")


def doors(options: argparse.Namespace) -> None:
    """Who opens the page and the card of the course of the other organisation, and how."""
    key = keys_of(options)[-1]
    course, card = f"{HOME}course/{key}/", f"{HOME}api/v1/courses/{key}/"
    nobody = requests.Session()
    for path in (HOME, course):
        response = nobody.get(f"{options.studio}{path}", allow_redirects=False)
        print(f"anonymous {path}: {response.status_code} {response.headers.get('Location', '')}")
    response = nobody.get(f"{options.studio}{card}")
    print(f"anonymous, card: {response.status_code} {response.text}")
    for username, role in (
        (options.staff, "staff of the platform"),
        (options.instructor, "staff of the course"),
        (options.learner, "limited staff of the course"),
        (options.author, "staff of other courses"),
    ):
        person = Person(options, username)
        statuses = {}
        statuses["page"] = person.get(f"{options.studio}{course}").status_code
        session = {"Accept": "application/json"}
        statuses["card"] = person.get(f"{options.studio}{card}", headers=session).status_code
        mfe = {"USE-JWT-COOKIE": "true", "Accept": "application/json"}
        with_cookie = person.get(f"{options.studio}{card}", headers=mfe)
        cookies = person.cookies.get_dict()
        token = ".".join(
            cookies.get(f"edx-jwt-cookie-{part}", "") for part in ("header-payload", "signature")
        )
        statuses["card as the micro-frontend asks"] = with_cookie.status_code
        alone = {"Authorization": f"JWT {token}"}
        statuses["card with the token alone"] = requests.get(
            f"{options.studio}{card}", headers=alone, timeout=30
        ).status_code
        print(f"{role}: " + ", ".join(f"{what} {status}" for what, status in statuses.items()))
        if with_cookie.ok:
            print(f"  {with_cookie.text}")
    author = Person(options, options.author)
    new = f"{options.studio}{HOME}new/"
    form = {"template": "series", "title": "Forged", "organization": options.organization}
    print(f"a form without its token: {author.post(new, data=form).status_code}")
    token = author.cookies.get_dict().get("csrftoken", "")
    foreign = {"Origin": "https://elsewhere.example"}
    response = author.post(new, data={**form, "csrfmiddlewaretoken": token}, headers=foreign)
    print(f"a form from elsewhere: {response.status_code}")
    print(f"begun by them: {'Forged' in said(author.open(HOME))}")


PARTS = {"courses": courses, "learn": learn, "publish": publish, "offer": offer, "doors": doors}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--lms", default="http://localhost:18000")
    parser.add_argument("--studio", default="http://localhost:18010")
    parser.add_argument("--staff", default="admin", help="staff of the platform")
    parser.add_argument("--author", default="author", help="becomes an author")
    parser.add_argument("--instructor", default="learner2", help="of the other organisation")
    parser.add_argument("--learner", default="learner")
    parser.add_argument("--password", default="edx", help="that of all")
    parser.add_argument("--organization", default="DemoOrg")
    parser.add_argument("--other-organization", default="OtherOrg")
    parser.add_argument("--prefix", default="DATA", help="of the courses' numbers")
    options = parser.parse_args()
    PARTS[options.part](options)


if __name__ == "__main__":
    main()
