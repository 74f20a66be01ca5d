// Package config turns the environment into one typed struct. Every fault is
// found and reported at once, and no secret is ever printed.
package config

// Config holds every setting of the program. Each field's env tag is the
// setting's name; one tagged secret may also come from a file that NAME_FILE
// names, and its value is never shown.
type Config struct {
	// BotToken is what BotFather gave.
	BotToken Token `env:"BOT_TOKEN,required" secret:"true"`
	// ManagerChats are the managers' groups: every card goes to each, and the
	// bot acts in no other group.
	ManagerChats Chats `env:"MANAGER_CHAT,required"`
	// ManagerIDs are the users who may act on tickets; empty means every
	// member of a managers' group.
	ManagerIDs IDs `env:"MANAGER_IDS"`
	// AdminIDs are the users with the admin role.
	AdminIDs IDs `env:"ADMIN_IDS"`

	// TelegramAPIURL is the Bot API server, without a slash at its end.
	TelegramAPIURL WebURL `env:"TELEGRAM_API_URL" envDefault:"https://api.telegram.org"`
	// TelegramRateLimits is off only for load tests.
	TelegramRateLimits Switch `env:"TELEGRAM_RATE_LIMITS" envDefault:"on"`

	Database Database `env:"DATABASE_URL" envDefault:"sqlite://data/vinbot.db" secret:"true"`
	// DataDir is where reports are archived, unless there is a bucket for them.
	DataDir Dir `env:"DATA_DIR" envDefault:"data"`
	// S3Endpoint and the next three are where reports are archived instead, and by
	// whose right. They are set together or not at all.
	S3Endpoint  Endpoint  `env:"S3_ENDPOINT" together:"S3"`
	S3Bucket    Bucket    `env:"S3_BUCKET" together:"S3"`
	S3AccessKey AccessKey `env:"S3_ACCESS_KEY" together:"S3" secret:"true"`
	S3SecretKey AccessKey `env:"S3_SECRET_KEY" together:"S3" secret:"true"`
	// S3Region is what requests are signed for.
	S3Region Region `env:"S3_REGION" envDefault:"us-east-1"`
	// S3PathStyle has the bucket stand in the path of URLs and not before the
	// host's name.
	S3PathStyle Switch `env:"S3_PATH_STYLE" envDefault:"on"`
	// HTTPAddr is where the panel and the API are served.
	HTTPAddr Addr `env:"HTTP_ADDR" envDefault:"127.0.0.1:8080"`
	// PublicURL is what links into the panel begin with; empty: see [Config.Site].
	PublicURL SiteURL `env:"PUBLIC_URL"`
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies Networks `env:"TRUSTED_PROXIES"`
	// CORSOrigins are the web pages whose scripts may call the API.
	CORSOrigins Origins `env:"CORS_ALLOWED_ORIGINS"`
	// OpsAddr is where health, metrics and profiles are served.
	OpsAddr Addr `env:"OPS_ADDR" envDefault:"127.0.0.1:9090"`

	LogLevel  LogLevel  `env:"LOG_LEVEL" envDefault:"info"`
	LogFormat LogFormat `env:"LOG_FORMAT" envDefault:"json"`

	// DefaultLanguage is spoken to whoever's own language is not known.
	DefaultLanguage Language `env:"DEFAULT_LANGUAGE" envDefault:"ru"`
	// Timezone is the one in which times are shown and working hours are meant.
	Timezone Timezone `env:"TIMEZONE" envDefault:"Europe/Moscow"`
	// VINCheckDigit says how a wrong check digit is judged.
	VINCheckDigit CheckDigit `env:"VIN_CHECK_DIGIT" envDefault:"auto"`
	// MessagesPerMinute, TicketsPerHour and MaxOpenTickets are how much one owner
	// may ask for.
	MessagesPerMinute Most `env:"RATE_LIMIT_MESSAGES_PER_MINUTE" envDefault:"20"`
	TicketsPerHour    Most `env:"RATE_LIMIT_TICKETS_PER_HOUR" envDefault:"10"`
	MaxOpenTickets    Most `env:"MAX_OPEN_TICKETS_PER_USER" envDefault:"5"`
	// MaxPDFSize is the largest report that is accepted, in bytes.
	MaxPDFSize Megabytes `env:"MAX_PDF_SIZE_MB" envDefault:"20"`
	// ReportReuse is for how long a delivered report is offered again for the
	// same VIN; 0 is off.
	ReportReuse ReuseDays `env:"REPORT_REUSE_DAYS" envDefault:"30"`

	// SLATake and SLADone are the working time that a ticket of normal priority
	// may wait to be taken, and then to be done: low doubles it, high halves it,
	// urgent quarters it.
	SLATake Allowance `env:"SLA_TAKE" envDefault:"15m"`
	SLADone Allowance `env:"SLA_DONE" envDefault:"2h"`
	// WorkHours and Holidays say when the managers work, in Timezone.
	WorkHours WorkHours `env:"WORK_HOURS"`
	Holidays  Holidays  `env:"HOLIDAYS"`
	// AutoRelease is the working time after which a taken ticket returns to the
	// queue; 0 is off.
	AutoRelease Limit `env:"AUTO_RELEASE" envDefault:"off"`
	// WebhookAllowPrivate lets webhooks go to addresses that are not the public
	// internet's, and over plain http.
	WebhookAllowPrivate Switch `env:"WEBHOOK_ALLOW_PRIVATE" envDefault:"off"`
	// CRM is the system in which each ticket is a deal; the next three are where it
	// is and by what we may write there, CRMStages where its deals stand.
	CRM                CRM         `env:"CRM"`
	Bitrix24WebhookURL HookURL     `env:"BITRIX24_WEBHOOK_URL" secret:"true"`
	AmoCRMBaseURL      AccountURL  `env:"AMOCRM_BASE_URL"`
	AmoCRMToken        AccessToken `env:"AMOCRM_TOKEN" secret:"true"`
	CRMStages          Stages      `env:"CRM_STAGES"`
	// Retention is for how long owners' data and reports of closed tickets are
	// kept; 0 is for ever.
	Retention RetentionDays `env:"RETENTION_DAYS" envDefault:"0"`
}

// Demo holds the few settings of the demo, which needs no other.
type Demo struct {
	// Addr is where the demo's web page is served.
	Addr      Addr      `env:"DEMO_ADDR" envDefault:"127.0.0.1:8090"`
	LogLevel  LogLevel  `env:"LOG_LEVEL" envDefault:"info"`
	LogFormat LogFormat `env:"LOG_FORMAT" envDefault:"json"`
}

// Load reads the settings from environ, given as NAME=value like os.Environ
// gives it, and from the .env file in dir, which never overrides environ. An
// empty value means the default.
//
// The error is of type Errors and names everything that is wrong; the fields
// without a fault are then filled all the same, so that a caller who needs a
// few settings only can go on: see Only.
func Load(environ []string, dir string) (Config, error) {
	return load[Config](environ, dir)
}

// LoadDemo reads the demo's settings as Load reads the program's.
func LoadDemo(environ []string, dir string) (Demo, error) {
	return load[Demo](environ, dir)
}
