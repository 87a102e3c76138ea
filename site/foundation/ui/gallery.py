"""The style gallery: every component in every state, on one page, for developers and for axe.

Shown only with DEBUG or DEMO. What it shows is invented and fixed, so that pictures compare.
"""

from datetime import datetime, timedelta

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

FRAMES = {"resident": "ui/base.html", "staff": "ui/staff_base.html", "field": "ui/field_base.html"}
SWATCHES = ("page", "surface", "ink", "ink-2", "brand", "link", "seal", "amber")
STATES = (
    ("new", "待受理"),
    ("accepted", "已受理"),
    ("dispatched", "已派单"),
    ("working", "处理中"),
    ("need-info", "待补充"),
    ("checking", "待核查"),
    ("closed", "已办结"),
    ("reopened", "重新办理"),
    ("rejected", "不予受理"),
    ("supervised", "督办"),
    ("overdue", "已逾期"),
)
TILES = (
    ("odour", "异味", "wind"),
    ("noise", "噪声", "volume-2"),
    ("water", "污水", "droplets"),
    ("dust", "扬尘", "cloud-fog"),
    ("waste", "垃圾", "trash"),
    ("other", "其他", "circle-dot"),
)


class SampleForm(forms.Form):
    """One control of each kind."""

    place = forms.CharField(label="发生地点", help_text="路名、小区或附近的明显建筑", max_length=80)
    words = forms.CharField(
        label="说两句", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    street = forms.ChoiceField(
        label="街道", choices=[("", "请选择"), ("1", "红梅街道"), ("2", "雕庄街道")]
    )
    phone = forms.RegexField(
        r"^\d{11}$",
        label="手机号",
        required=False,
        error_messages={"invalid": "手机号应为 11 位数字"},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    seen_on = forms.DateField(
        label="发现日期", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    photo = forms.FileField(label="照片", required=False)
    again = forms.ChoiceField(
        label="以前发生过吗",
        choices=[("yes", "经常"), ("some", "偶尔"), ("no", "第一次"), ("unknown", "不清楚")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择是否发生过"},
    )
    tell = forms.MultipleChoiceField(
        label="怎样告诉您进展",
        required=False,
        choices=[("sms", "短信"), ("email", "电子邮件")],
        widget=forms.CheckboxSelectMultiple,
    )
    agree = forms.BooleanField(
        label="同意公开处理结果", required=False, help_text="只公开结果，不公开您的任何信息"
    )


@require_safe
def gallery(request: HttpRequest, frame: str = "resident") -> HttpResponse:
    """Draw the gallery in the frame of ``?frame=`` resident, staff or field."""
    if not (settings.DEBUG or getattr(settings, "DEMO", False)):
        raise Http404
    frame = request.GET.get("frame", frame)
    now = timezone.now()
    context = {
        "frame": FRAMES.get(frame, FRAMES["resident"]),
        "plain": SampleForm(),
        "faulty": SampleForm({"phone": "138", "words": "味道很大"}, prefix="faulty"),
        "swatches": SWATCHES,
        "states": STATES,
        "tiles": [{"value": value, "label": label, "icon": icon} for value, label, icon in TILES],
        "deadlines": _deadlines(now),
        "timeline": _timeline(now),
        "moments": [now, now - timedelta(minutes=5), now - timedelta(hours=30), _last_year(now)],
        "facts": [
            ("编号", "TN-20261123-0042-C"),
            ("类型", "异味"),
            {"term": "提交时间", "value": "", "at": now - timedelta(hours=3)},
            {"term": "承办单位", "value": "区生态环境局", "href": "#facts"},
        ],
        "steps": [
            {"label": "填写", "state": "done"},
            {"label": "核对", "state": "current"},
            {"label": "完成", "state": "todo"},
        ],
    }
    return render(request, "ui/gallery.html", context)


def _last_year(now: datetime) -> datetime:
    return now - timedelta(days=400)


def _deadlines(now: datetime) -> list[dict[str, object]]:
    start = now - timedelta(days=5)
    return [
        {"due": now + timedelta(days=6), "start": now - timedelta(days=1), "days": 4},
        {"due": now + timedelta(days=3), "start": start, "days": 2},
        {"due": now + timedelta(hours=20), "start": start, "days": None},
        {"due": now - timedelta(days=1, hours=2), "start": start, "days": None},
    ]


def _timeline(now: datetime) -> list[dict[str, object]]:
    return [
        {
            "at": now - timedelta(minutes=20),
            "title": "工作人员已到现场",
            "body": "正在核查排放口，预计今天下班前给您答复。",
            "actor": "红梅街道网格员",
            "icon": "map-pin",
            "current": True,
        },
        {
            "at": now - timedelta(hours=3),
            "title": "已派给红梅街道",
            "actor": "区调度中心",
            "icon": "send",
        },
        {
            "at": now - timedelta(hours=26),
            "title": "已受理",
            "body": "我们会在 5 个工作日内办结。",
            "actor": "区调度中心",
            "icon": "circle-check",
        },
        {"at": now - timedelta(hours=27), "title": "收到您的举报", "icon": "inbox"},
    ]
