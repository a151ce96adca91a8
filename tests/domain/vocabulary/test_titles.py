import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.vocabulary.titles import title_says


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Store Associate (Part-Time)", "part_time"),
        ("Store Associate - Part time", "part_time"),
        ("Part-Time Barista", "part_time"),
        ("Barista (FT)", "full_time"),
        ("Design Intern, Summer", "internship"),
        ("Design Intern, Summer 2027", "internship"),
        ("Robotics Intern Summer 2027", "internship"),
        ("Intern, Design", "internship"),
        ("Intern - Data", "internship"),
        ("Internship in Finance", "internship"),
        ("Marketing Internship 2027", "internship"),
        ("PhD Internship (f/m/d)", "internship"),
        ("Software Engineer Co-op", "internship"),
        ("Praktikant Controlling", "internship"),
        ("Chef de projet H/F - Stage", "internship"),
        ("Alternance Chef de projet (H/F)", "internship"),
        ("Werkstudent (m/w/d) Marketing", "part_time"),
        ("Werkstudent*in Einkauf", "part_time"),
        ("Working Student, People", "part_time"),
        ("Buchhalter (m/w/d) – Teilzeit", "part_time"),
        ("Buchhalter (50%)", "part_time"),
        ("Verkäufer (m/w/d) in Teilzeit", "part_time"),
        ("Verkäufer in Vollzeit", "full_time"),
        ("Assistant RH en alternance", "internship"),
        ("Koch/Köchin 60%", "part_time"),
        ("Barista (20h/week)", "part_time"),
        ("Vendeur (H/F) - Temps partiel 24h", "part_time"),
        ("Vendeur (H/F) - CDI 35h", "full_time"),
        ("Teacher (0.6 FTE)", "part_time"),
        ("Teacher - 1.0 FTE - Days", "full_time"),
        ("Prácticas Marketing", "internship"),
        ("Praktykant/ka ds. zakupów", "internship"),
        ("Staż - analiza danych", "internship"),
        ("営業（パート）", "part_time"),
        ("Recruiter (Contract)", "contract"),
        ("Project Manager, Contract", "contract"),
        ("Engineer (6-month contract)", "contract"),
        ("Engineer (Contract, Lisbon)", "contract"),
        ("Animator - Freelance", "contract"),
        ("Physician (1099 - Independent Contractor)", "contract"),
        ("Recruiter | Temporary", "temporary"),
        ("Teacher (Maternity Cover)", "temporary"),
        ("Nurse (Per Diem)", "temporary"),
        ("Coder (Fixed Term Contract)", "temporary"),
        ("Social Media Manager (Part-Time Contract)", "contract"),
        ("Volunteer - Events", "volunteer"),
    ],
)
def test_a_title_says_the_employment_where_it_sets_it_apart(title, kind):
    assert title_says(title).employment.employment == kind


@pytest.mark.parametrize(
    ("title", "model"),
    [
        ("Senior Engineer (Remote) - UK", "remote"),
        ("Engineer – Remote", "remote"),
        ("Engineer, Remote (Germany)", "remote"),
        ("Remote - Software Engineer", "remote"),
        ("Recruiter | Remote | EMEA", "remote"),
        ("Account Executive (Remote US)", "remote"),
        ("Account Executive - US Remote", "remote"),
        ("Entwickler (all genders) – 100% Remote", "remote"),
        ("Email Assistant (Part-Time / Remote)", "remote"),
        ("Data Analyst (Hybrid/Toronto)", "hybrid"),
        ("Data Analyst [Hybrid]", "hybrid"),
        ("Entwickler (m/w/d) Remote", "remote"),
        ("Lawyer (3 days in office)", "hybrid"),
        ("Lawyer (On-site)", "onsite"),
        ("Développeur (télétravail)", "remote"),
        ("エンジニア（フルリモート）", "remote"),
    ],
)
def test_a_title_says_the_work_model_where_it_sets_it_apart(title, model):
    assert title_says(title).models == {model}


@pytest.mark.parametrize(
    "title",
    [
        "Remote Operations Engineer",
        "Engineer, Remote Sensing",
        "Contract Manager",
        "Director, Contracts",
        "Hybrid Cloud Architect",
        "Architect - Hybrid Cloud",
        "Internal Auditor",
        "International Sales",
        "Temporary Works Designer",
        "Volunteer Coordinator",
        "Director, Volunteer",
        "Intern Program Manager",
        "Internship Coordinator",
        "Head of Internship",
        "Praktikantenbetreuer (m/w/d)",
        "Ehrenamtskoordinator (m/w/d)",
        "Sales Lead (50% travel)",
        "Stage Manager",
        "Early Stage Investor",
        "Product Designer, B2B",
        "Physical Therapist (PT)",
        "Temporal Data Engineer",
        "Autonomy (Planning) - Engineer",
        "Part-Time MBA Programs Advisor",
        "Product Manager (remote possible)",
        "Product Manager (London/Remote)",
        "Product Manager (Fully remote / Leeds)",
        "Recruiter, Internships",
        "Engineer (Perm or Contract)",
        "Koordynator praktyk",
        "Distributed Systems Engineer",
        "Développeur (CDI)",
        "Engineer (m/w/d)",
        "",
    ],
)
def test_a_trade_says_neither(title):
    said = title_says(title)
    assert (said.employment.employment, said.models) == (None, frozenset())


def test_several_options_in_a_title_leave_a_choice():
    assert title_says("Engineer (Remote or Hybrid)").models == {"remote", "hybrid"}
    assert title_says("Engineer (Hybrid/Remote)").models == {"remote", "hybrid"}
    assert title_says("Nurse (Full/Part-Time)").employment.employment is None


@given(st.text(alphabet=st.sampled_from("remote hybrid intern(-),/|part time"), max_size=80) | st.text())
def test_any_title_can_be_asked(title):
    title_says(title)
