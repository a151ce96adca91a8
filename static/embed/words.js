// What <org-jobs> says, by language; the attribute `labels` replaces single entries, or says them in another language.

const WORDS = {
  en: {
    jobs: "Open jobs", search: "Search jobs by title, place or skill", hint: "Title, place or skill", filters: "Filters",
    department: "Department", location: "Location", workplace_type: "Workplace", employment_type: "Type", language: "Language",
    onsite: "On site", hybrid: "Hybrid", remote: "Remote",
    full_time: "Full-time", part_time: "Part-time", contract: "Contract", temporary: "Temporary", internship: "Internship",
    volunteer: "Volunteer", other: "Other",
    hour: "per hour", day: "per day", week: "per week", month: "per month", year: "per year", from: "from {}", upTo: "up to {}",
    posted: "posted {}", found: { one: "{} job", other: "{} jobs" }, featured: "Featured", rest: "Other jobs", clear: "Clear", more: "Show more jobs",
    loading: "Loading jobs …", none: "There are no open jobs at the moment.", noMatch: "No job matches all of this.",
    stale: "This list is from {} and may be out of date.", retry: "Try again",
    unreachable: "The jobs cannot be shown at the moment.", all: "See all open jobs",
  },
  de: {
    jobs: "Offene Stellen", search: "Stellen nach Titel, Ort oder Fähigkeit suchen", hint: "Titel, Ort oder Fähigkeit", filters: "Filter",
    department: "Bereich", location: "Ort", workplace_type: "Arbeitsort", employment_type: "Art", language: "Sprache",
    onsite: "Vor Ort", hybrid: "Hybrid", remote: "Remote",
    full_time: "Vollzeit", part_time: "Teilzeit", contract: "Freie Mitarbeit", temporary: "Befristet", internship: "Praktikum",
    volunteer: "Ehrenamt", other: "Andere",
    hour: "pro Stunde", day: "pro Tag", week: "pro Woche", month: "pro Monat", year: "pro Jahr", from: "ab {}", upTo: "bis {}",
    posted: "veröffentlicht {}", found: { one: "{} Stelle", other: "{} Stellen" }, featured: "Empfohlen", rest: "Weitere Stellen", clear: "Zurücksetzen", more: "Mehr Stellen zeigen",
    loading: "Stellen werden geladen …", none: "Zurzeit gibt es keine offenen Stellen.", noMatch: "Keine Stelle passt zu allem.",
    stale: "Diese Liste ist vom {} und vielleicht nicht mehr aktuell.", retry: "Noch einmal versuchen",
    unreachable: "Die Stellen können gerade nicht angezeigt werden.", all: "Alle offenen Stellen ansehen",
  },
  fr: {
    jobs: "Offres d’emploi", search: "Chercher une offre par titre, lieu ou compétence", hint: "Titre, lieu ou compétence", filters: "Filtres",
    department: "Service", location: "Lieu", workplace_type: "Mode de travail", employment_type: "Contrat", language: "Langue",
    onsite: "Sur site", hybrid: "Hybride", remote: "À distance",
    full_time: "Temps plein", part_time: "Temps partiel", contract: "Prestation", temporary: "Temporaire", internship: "Stage",
    volunteer: "Bénévolat", other: "Autre",
    hour: "par heure", day: "par jour", week: "par semaine", month: "par mois", year: "par an", from: "à partir de {}", upTo: "jusqu’à {}",
    posted: "publiée {}", found: { one: "{} offre", other: "{} offres" }, featured: "À la une", rest: "Autres offres", clear: "Effacer", more: "Voir plus d’offres",
    loading: "Chargement des offres …", none: "Aucune offre n’est ouverte en ce moment.", noMatch: "Aucune offre ne correspond à tout cela.",
    stale: "Cette liste date du {} et n’est peut-être plus à jour.", retry: "Réessayer",
    unreachable: "Les offres ne peuvent pas être affichées pour le moment.", all: "Voir toutes les offres",
  },
  es: {
    jobs: "Empleos", search: "Buscar empleos por título, lugar o habilidad", hint: "Título, lugar o habilidad", filters: "Filtros",
    department: "Departamento", location: "Lugar", workplace_type: "Modalidad", employment_type: "Tipo", language: "Idioma",
    onsite: "Presencial", hybrid: "Híbrido", remote: "Remoto",
    full_time: "Jornada completa", part_time: "Media jornada", contract: "Por contrato", temporary: "Temporal", internship: "Prácticas",
    volunteer: "Voluntariado", other: "Otro",
    hour: "por hora", day: "por día", week: "por semana", month: "por mes", year: "por año", from: "desde {}", upTo: "hasta {}",
    posted: "publicado {}", found: { one: "{} empleo", other: "{} empleos" }, featured: "Destacados", rest: "Otros empleos", clear: "Borrar", more: "Ver más empleos",
    loading: "Cargando empleos …", none: "No hay empleos abiertos en este momento.", noMatch: "Ningún empleo cumple todo esto.",
    stale: "Esta lista es del {} y puede no estar al día.", retry: "Intentar de nuevo",
    unreachable: "Los empleos no se pueden mostrar en este momento.", all: "Ver todos los empleos",
  },
};

/** A language that the browser can format for, or English. */
function knownLanguage(wanted) {
  try {
    return Intl.getCanonicalLocales(wanted || "en")[0] ?? "en";
  } catch {
    return "en";
  }
}

/** Texts in a language, and its numbers, dates and pay. */
class Speech {
  constructor(wanted, own = {}) {
    this.language = knownLanguage(wanted);
    this.words = { ...WORDS.en, ...WORDS[this.language.split("-")[0]], ...own };
    this.plurals = new Intl.PluralRules(this.language);
  }

  say(key, value = "") {
    const word = this.words[key] ?? key;
    const text = typeof word === "string" ? word : (word[this.plurals.select(value)] ?? word.other ?? "");
    return text.replace("{}", typeof value === "number" ? new Intl.NumberFormat(this.language).format(value) : value);
  }

  moment(at) {
    return new Intl.DateTimeFormat(this.language, { dateStyle: "medium", timeStyle: "short" }).format(at);
  }

  /** "today", "3 days ago"; what is older than 30 days bears its date. */
  ago(text, now = new Date()) {
    const at = new Date(text);
    const midnight = (day) => Date.UTC(day.getFullYear(), day.getMonth(), day.getDate());
    const days = Math.max(0, Math.round((midnight(now) - midnight(at)) / 86_400_000));
    if (days <= 30) return new Intl.RelativeTimeFormat(this.language, { numeric: "auto" }).format(-days, "day");
    const year = at.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
    return new Intl.DateTimeFormat(this.language, { day: "numeric", month: "short", ...year }).format(at);
  }

  pay({ min, max, currency, period }) {
    const format = (amount) => new Intl.NumberFormat(this.language, {
      style: "currency", currency, maximumFractionDigits: Number.isInteger(amount) ? 0 : 2,
    }).format(amount);
    if (min === null && max === null) return "";
    const both = min !== null && max !== null && min !== max;
    const amounts = both ? `${format(min)} – ${format(max)}` : format(min ?? max);
    const open = min === max || both ? amounts : this.say(min === null ? "upTo" : "from", amounts);
    return `${open} ${this.say(period)}`;
  }

  languageName(code) {
    try {
      return new Intl.DisplayNames(this.language, { type: "language" }).of(code);
    } catch {
      return code;
    }
  }
}
