package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/config"
)

const (
	bitrixStages = "CRM_STAGES=new=C3:NEW, taken=C3:EXECUTING,delivering=C3:FINAL,done=C3:WON,rejected=C3:LOSE,cancelled=C3:LOSE"
	amoStages    = "CRM_STAGES=new=31/1,taken=31/2,done=31/142,rejected=31/143,cancelled=31/143"
	hook         = "https://example.bitrix24.ru/rest/1/abcdef/"
)

func TestACRMIsRead(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load(valid(), t.TempDir())
	require.NoError(t, err)
	assert.Empty(t, cfg.CRM)
	cfg, err = config.Load(valid("CRM=Bitrix24", "BITRIX24_WEBHOOK_URL="+hook, bitrixStages), t.TempDir())
	require.NoError(t, err)
	assert.Equal(t, config.Bitrix24, cfg.CRM)
	assert.Equal(t, hook, cfg.Bitrix24WebhookURL.Reveal())
	assert.Equal(t, []string{"C3:NEW", "C3:EXECUTING", "C3:FINAL", "C3:WON", "C3:LOSE", "C3:LOSE"}, cfg.CRMStages.List())
	assert.NotContains(t, fmt.Sprintf("%+v %#v", cfg, cfg), "abcdef")

	dir := t.TempDir()
	write(t, dir, "token", "eyJ0.secret\n")
	cfg, err = config.Load(valid("CRM=amocrm", "AMOCRM_BASE_URL=https://example.amocrm.ru/", "AMOCRM_TOKEN_FILE=token", amoStages), dir)
	require.NoError(t, err)
	assert.EqualValues(t, "https://example.amocrm.ru", cfg.AmoCRMBaseURL)
	assert.Equal(t, "eyJ0.secret", cfg.AmoCRMToken.Reveal())
	assert.NotContains(t, fmt.Sprintf("%+v", cfg), "secret")
}

func TestWrongSettingsOfACRM(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		set  string
		want []string
	}{
		{"CRM=sap", []string{"CRM=sap: not a choice; allowed: bitrix24 or amocrm"}},
		{"CRM=bitrix24", []string{"BITRIX24_WEBHOOK_URL: not set, though CRM is bitrix24", "CRM_STAGES: not set, though CRM is bitrix24"}},
		{"CRM=amocrm", []string{"AMOCRM_BASE_URL: not set", "AMOCRM_TOKEN: not set", "CRM_STAGES: not set"}},
		{"BITRIX24_WEBHOOK_URL=http://example.bitrix24.ru/rest/1/abcdef/", []string{"BITRIX24_WEBHOOK_URL=***: not https://"}},
		{"BITRIX24_WEBHOOK_URL=https://example.bitrix24.ru/", []string{"=***: not the URL of a webhook; allowed: the URL of an incoming webhook"}},
		{"AMOCRM_BASE_URL=https://example.amocrm.ru/leads", []string{"more than an address"}},
		{"AMOCRM_BASE_URL=https:///", []string{"the host is missing"}},
		{"AMOCRM_TOKEN=two words", []string{"AMOCRM_TOKEN=***: not a token"}},
		{"CRM_STAGES=new=,taken=A,taken=B,Ready=C", []string{
			`new has no stage, taken is listed twice, "ready" is no status, done is missing, rejected is missing, cancelled is missing; allowed: status=stage`,
		}},
	} {
		t.Run(c.set, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(valid(c.set), t.TempDir())
			require.Error(t, err)
			lines := strings.Split(err.Error(), "\n")
			require.Len(t, lines, len(c.want), err.Error())
			for i, want := range c.want {
				assert.Contains(t, lines[i], want)
			}
		})
	}
}

func TestStagesAreThoseOfTheCRM(t *testing.T) {
	t.Parallel()
	_, err := config.Load(valid("CRM=amocrm", "AMOCRM_BASE_URL=https://example.amocrm.ru", "AMOCRM_TOKEN=x", bitrixStages), t.TempDir())
	require.ErrorContains(t, err, `"C3:NEW" is no stage of amocrm, "C3:EXECUTING" is no stage`)
	_, err = config.Load(valid("CRM=bitrix24", "BITRIX24_WEBHOOK_URL="+hook, strings.Replace(bitrixStages, "C3:WON", "WON", 1)), t.TempDir())
	require.ErrorContains(t, err, "CRM_STAGES=new=C3:NEW")
	require.ErrorContains(t, err, "the stages are of several pipelines")
	_, err = config.Load(valid("BITRIX24_WEBHOOK_URL=http://127.0.0.1:81/rest/1/abcdef/"), t.TempDir())
	require.NoError(t, err, "nobody reads along within a machine")
}
