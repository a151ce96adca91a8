"""Names that companies give to custom fields about the employment, the work model and the seniority."""

from typing import Final

from portal.domain.vocabulary.phrases import Phrases

WORK_MODEL_NAMES: Final = Phrases("""
    remote*|hybrid*|workplace|workplace type|work place|work model|working model|work mode|working mode
    work arrangement|work arrangements|working arrangement|working arrangements|work setting|work setup
    work style|working style|work environment|work location|working location|work location type
    location type|office model|office mode|office days|office attendance|onsite days|remote days|bürotage
    office arrangement|office policy|office setting|office requirement|in office*|onsite|on site|telework
    telework eligible|teleworking|telecommute|telecommuting|work from home|wfh|homeoffice*|home office
    flexible work|flexible working|arbeitsmodell*|arbeitsort*|arbeitsplatz*|arbeitsform|mode de travail
    modalité de travail|modalités de travail|organisation du travail|télétravail|lieu de travail|modalidad
    modalidad de trabajo|modalidade|modalidade de trabalho|modelo de trabajo|modelo de trabalho|teletrabajo
    regime de trabalho|modello di lavoro|modalità di lavoro|modalità lavorativa|telelavoro|werkplek*
    werklocatie|werkmodel|thuiswerken|arbetsplats*|distansarbete|arbejdssted|arbejdsform|arbeidssted|etätyö*
    työskentelytapa|tryb pracy|model pracy|miejsce pracy|forma pracy|způsob práce|munkavégzés helye
    mod de lucru|çalışma şekli|çalışma modeli|формат работы|место работы|リモート*|テレワーク*|働き方
    勤務スタイル|工作方式|办公方式|工作地点类型|근무형태|근무 형태|근무방식|근무 방식|אופן עבודה|מודל עבודה
""")
EMPLOYMENT_NAMES: Final = Phrases("""
    employment|employment type|employment types|employment length|employment status|employment basis
    employment term|employment terms|employment class|employment classification|employment category
    employment kind|employment duration|employment contract|employee type|employee class|employee category
    employee status|employee sub type|employee classification|worker type|worker sub type|worker subtype
    worker category|worker class|worker status|staff type|staffing type|engagement type|engagement|job type
    job types|job basis|job length|job status|job term|job schedule|position type|position status
    position basis|position length|position term|role type|contract|contract type|contract status
    contract length|contract basis|contract term|contract duration|type of employment|type of contract
    type of position|type of role|type of job|type of engagement|type of work|work type|work types|worktype
    time type|time basis|time status|time commitment|commitment|commitment level|work schedule
    working schedule|schedule|schedule type|shift schedule|work hours|working hours|working time|work time
    job hours|full time part time|full part time|full time or part time|full or part time|ft/pt|ft pt
    full time/part time|full/part time|full time / part time|part time / full time|vertragsart|vertragstyp
    vertragsform|beschäftigungsart|beschäftigungstyp|beschäftigungsverhältnis|beschäftigungsform
    anstellungsart|anstellungsverhältnis|arbeitsverhältnis|art der beschäftigung|art der anstellung
    art des vertrags|arbeitszeit*|befristung|type de contrat|types de contrat|type contrat|type d'emploi
    nature du contrat|contrat|temps de travail|type de poste|régime de travail|tipo de contrato
    tipo de empleo|tipo de contratación|tipo de jornada|jornada|jornada laboral|horario laboral
    modalidad de contrato|modalidad de contratación|contrato|tipo de contratação|tipo de emprego
    tipo de vaga|tipo de vínculo|vínculo|regime de contratação|modelo de contratação|carga horária
    tipo di contratto|tipologia contrattuale|tipologia di contratto|contratto|tipo di impiego
    orario di lavoro|dienstverband|soort dienstverband|soort contract|type contract|contracttype
    contractvorm|type dienstverband|anställningsform|anställningstyp|ansættelsestype|ansættelsesform
    ansettelsesform|ansettelsestype|stillingstype|työsuhde|työsuhteen tyyppi|työsuhteen muoto|työaika
    rodzaj umowy|typ umowy|forma zatrudnienia|rodzaj zatrudnienia|wymiar pracy|wymiar etatu|typ úvazku
    úvazek|pracovní poměr|typ smlouvy|foglalkoztatás típusa|munkaviszony típusa|tip contract|tip de contract
    istihdam türü|çalışma türü|тип занятости|вид занятости|занятость|тип договора|график работы
    τύπος απασχόλησης|雇用形態|勤務形態|契約形態|雇佣类型|雇傭類型|工作类型|工作性质|職務類型|职位类型
    고용형태|고용 형태|계약형태|סוג משרה|היקף משרה|نوع الوظيفة|نوع العقد
""")
WEEKLY_HOURS_NAMES: Final = Phrases("""
    weekly hours|hours per week|hours/week|hours a week|hours weekly|scheduled weekly hours|scheduled hours
    standard hours|standard weekly hours|contracted hours|contract hours|weekly working hours|wochenstunden
    wochenarbeitszeit|stunden pro woche|wöchentliche arbeitszeit|heures par semaine|heures hebdomadaires
    durée hebdomadaire|horas semanales|horas por semana|horas semanais|ore settimanali|uren per week
    timmar per vecka|timer per uge|timer per uke|週労働時間|每周工时
""")
SHARE_NAMES: Final = Phrases("""
    fte|fte %|fte percentage|full time equivalent|pensum|arbeitspensum|beschäftigungsgrad
    beschäftigungsumfang|stellenumfang|stellenprozent|workload|workload %|employment percentage
    employment rate|employment fraction|taux d'activité|taux d'occupation|grado di occupazione
    sysselsättningsgrad|omfattning|stillingsprosent|stillingsandel|etat
""")
SENIORITY_NAMES: Final = Phrases("""
    seniority*|job seniority|experience level|level of experience|career level|career stage|job level
    role level|position level|professional level|level of seniority|expertise level|karrierestufe
    karrierelevel|erfahrungsstufe|erfahrungslevel|erfahrungsniveau|senioritätslevel|senioritätsstufe
    niveau d'expérience|niveau de séniorité|séniorité|niveau du poste|nivel de experiencia
    nivel de antigüedad|nivel de seniority|nivel profesional|nivel del puesto|nível de experiência
    nível de senioridade|senioridade|nível do cargo|livello di esperienza|livello di seniority
    livello professionale|ervaringsniveau|senioriteit|erfarenhetsnivå|erfaringsniveau|erfaringsnivå
    kokemustaso|poziom doświadczenia|poziom stanowiska|úroveň zkušeností|tapasztalati szint
    nivel de experiență|deneyim seviyesi|kıdem|уровень опыта|уровень должности|грейд|経験レベル|経験年数
    职级|职位级别|경력|경력 수준|직급|רמת בכירות
""")
HOURS_ALONE: Final = Phrases("hours|hour|shift|shifts|horaire|horario|orario|stunden|fte|ft|pt")
LEVEL_ALONE: Final = Phrases("level|niveau|nivel|nível|livello|stufe|poziom|レベル|级别")
"""Names that mean the hours, or the seniority, only where nothing stands beside them."""
