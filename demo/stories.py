"""What is worth looking at in the page of some learners: what happened to them in the recording."""

from django.utils.translation import gettext_lazy as _

STORIES = {
    "kiri_tw": _("passed all nine courses"),
    "li_wei": _("passed all nine courses, one of them in its second run"),
    "priya_sharma": _("lost a pass when an exam was marked again: one badge is suspended"),
    "ana_conceicao": _("fell below the pass mark afterwards: badges were revoked"),
    "fatima_z": _("failed after passing, and passed again: suspended and back"),
    "noa_levi": _("has a good grade, and a certificate that was declared invalid"),
    "zofia_w": _("was unenrolled after passing, and keeps what she earned"),
    "nakamura_yuki": _("failed the first run of a course and passed the second"),
    "samuel_adeyemi": _("changed to the verified track after passing"),
    "mehmet_y": _("enrolled and never began: no badge yet"),
}
