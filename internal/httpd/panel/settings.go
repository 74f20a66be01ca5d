package panel

import (
	"slices"
	"strings"
)

// Setting is a setting as it is in force. A secret's value is hidden already.
type Setting struct {
	Name, Value, Default string
	Set                  bool // it is not the default
	About                string
}

func (p *Panel) settingRoutes() []route {
	return []route{{"GET", "/settings", admins, (*visit).showSettings}}
}

// settingGroup is a group of settings, which belong together.
type settingGroup struct {
	Name     string // a code
	Settings []Setting
}

// settingGroups lists the groups in order, each with how the names in it begin.
func settingGroups() []struct {
	name   string
	begins []string
} {
	return []struct {
		name   string
		begins []string
	}{
		{"telegram", []string{"BOT_", "MANAGER_", "ADMIN_", "TELEGRAM_"}},
		{"deadlines", []string{"SLA_", "WORK_", "HOLIDAYS", "TIMEZONE", "AUTO_RELEASE", "DIGEST_"}},
		{"owners", []string{"DEFAULT_LANGUAGE", "VIN_", "RATE_LIMIT_", "MAX_", "REPORT_"}},
		{"data", []string{"DATABASE_", "DATA_", "S3_", "RETENTION_", "ARCHIVE_", "BLOB_"}},
		{"web", []string{"HTTP_", "PUBLIC_", "TRUSTED_", "CORS_", "OPS_", "LOG_"}},
		{"systems", []string{"WEBHOOK_", "CRM", "BITRIX24_", "AMOCRM_"}},
		{"others", []string{""}},
	}
}

// groupSettings puts the settings into their groups.
func groupSettings(settings []Setting) []settingGroup {
	var groups []settingGroup
	rest := slices.Clone(settings)
	for _, g := range settingGroups() {
		group := settingGroup{Name: g.name}
		rest = slices.DeleteFunc(rest, func(s Setting) bool {
			belongs := slices.ContainsFunc(g.begins, func(begin string) bool { return strings.HasPrefix(s.Name, begin) })
			if belongs {
				group.Settings = append(group.Settings, s)
			}
			return belongs
		})
		if len(group.Settings) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

// showSettings lists the settings as they are in force.
func (v *visit) showSettings() error {
	return v.show("settings", "settings.title", groupSettings(v.Settings))
}
