{{- define "tabcell.name" -}}
{{- if contains "tabcell" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-tabcell" (.Release.Name | trunc 42 | trimSuffix "-") }}{{ end }}
{{- end }}

{{- define "tabcell.selector" -}}
app.kubernetes.io/name: tabcell
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tabcell.labels" -}}
{{ include "tabcell.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "tabcell.image" -}}
{{- $suffix := ternary "-code" "" .Values.image.compiledCode -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default (printf "%s%s" (.Chart.AppVersion | replace "+" "-") $suffix) }}
{{- end }}
{{- end }}

{{- define "tabcell.scheme" -}}
{{ ternary "HTTPS" "HTTP" (ne .Values.tls.secretName "") }}
{{- end }}

{{- /* The memory of the container in MiB: settings.MemorySumMB, and 5 % for the kernel. */ -}}
{{- define "tabcell.memoryMB" -}}
{{- $l := .Values.limits -}}
{{- $program := ternary 200 480 (eq $l.guest "core") -}}
{{- if .Values.auth.passwordSecret.name }}{{ $program = add $program $l.passwordMemoryMB }}{{ end -}}
{{- $sum := add $program (mul $l.concurrency (add $l.memoryLimitMB 24)) $l.modelsMB $l.bufferMB -}}
{{ div (add (mul $sum 20) 18) 19 }}
{{- end }}

{{- define "tabcell.resources" -}}
{{- if .Values.resources }}
{{- toYaml .Values.resources }}
{{- else -}}
{{- $memory := printf "%sMi" (include "tabcell.memoryMB" .) -}}
requests:
  cpu: {{ .Values.limits.concurrency | quote }}
  memory: {{ $memory }}
limits:
  {{- with .Values.cpuLimit }}
  cpu: {{ . | quote }}
  {{- end }}
  memory: {{ $memory }}
{{- end }}
{{- end }}

{{- /* A probe of a path. Without a client certificate, only the program itself can ask. */ -}}
{{- define "tabcell.probe" -}}
{{- if and .root.Values.tls.clientCA.secretName (eq .root.Values.tls.clientCert "required") -}}
exec:
  command: ["/usr/bin/tabcell", "health"{{ if eq .check "live" }}, "--live"{{ end }}]
{{- else -}}
httpGet:
  path: /health/{{ .check }}
  port: http
  scheme: {{ include "tabcell.scheme" .root }}
{{- end }}
{{- end }}

{{- /* Refuses values that would install an open or a broken server. */ -}}
{{- define "tabcell.check" -}}
{{- $v := .Values -}}
{{- $authenticates := or $v.auth.passwordSecret.name $v.tls.clientCA.secretName $v.auth.tokens -}}
{{- if not (or $authenticates $v.auth.allowAnonymous) -}}
{{- fail "everyone who can reach the service could run scripts: set auth.passwordSecret.name, tls.clientCA.secretName or auth.tokens, or auth.allowAnonymous=true" -}}
{{- end -}}
{{- if and $v.tls.clientCA.secretName (not $v.tls.secretName) -}}
{{- fail "tls.clientCA needs tls.secretName, because client certificates are part of TLS" -}}
{{- end -}}
{{- if gt (int $v.replicas) 1 -}}
{{- if not $v.endpoints.readOnly -}}
{{- fail "replicas do not see the endpoints that others deploy: set endpoints.readOnly=true, or replicas=1" -}}
{{- end -}}
{{- if and $v.persistence.enabled (not $v.persistence.existingClaim) -}}
{{- fail "with several replicas, persistence.existingClaim must name a volume that all of them can mount (ReadWriteMany), or persistence.enabled must be false" -}}
{{- end -}}
{{- end -}}
{{- end }}
