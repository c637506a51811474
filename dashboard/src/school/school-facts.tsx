import { getSchoolSettings, type SchoolSettings, updateSchoolSettings } from '@gatehouse/shared/wire/api/schools.ts'
import type { FormEvent } from 'react'
import { Section } from '../account/section.tsx'
import { failureOf, fieldProblems } from '../api/failure.ts'
import { useAsk, useDo } from '../api/use-api.ts'
import { Button } from '../ui/button.tsx'
import { Acts } from '../ui/dialog.tsx'
import { Choice, Field } from '../ui/field.tsx'
import { Failed, Problem, Waiting } from '../ui/notice.tsx'
import { useSay } from '../ui/said.tsx'

/** Name, zone, and the rules of students. */
export function SchoolFacts() {
  const settings = useAsk(getSchoolSettings, {})
  // Here, and not in the form: what was saved is another version, and another version another form.
  const save = useDo(updateSchoolSettings)
  return (
    <Section title="The school">
      {settings.isPending && <Waiting rows={5} />}
      {settings.isError && <Failed error={settings.error} retry={() => void settings.refetch()} />}
      {settings.data && <Fields key={settings.data.data.version} school={settings.data.data} save={save} />}
    </Section>
  )
}

const LANGUAGE = new Intl.DisplayNames(undefined, { type: 'region', fallback: 'none' })

function Fields({
  school,
  save,
}: {
  readonly school: SchoolSettings
  readonly save: ReturnType<typeof useDo<typeof updateSchoolSettings>>
}) {
  const say = useSay()
  const problems = save.error ? fieldProblems(failureOf(save.error)) : {}

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '').trim()
    save.mutate(
      {
        body: {
          name: text('name'),
          timeZone: text('timeZone'),
          country: text('country').toUpperCase() || null,
          studentNumberPattern: text('studentNumberPattern') || null,
          graceDays: { inactive: Number(text('inactive')), graduated: Number(text('graduated')) },
        },
        ifMatch: school.version,
      },
      { onSuccess: () => say({ text: 'Saved' }) },
    )
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4 p-4">
      <Field
        label="Name"
        name="name"
        defaultValue={school.name}
        required
        maxLength={200}
        dir="auto"
        problem={problems.name}
      />
      <div className="grid gap-4 md:grid-cols-2">
        <Choice
          label="Time zone"
          name="timeZone"
          defaultValue={school.timeZone}
          hint="Hours, days and ends of passes go by it; gates get it with their next list"
          problem={problems.timeZone}
        >
          {zonesWith(school.timeZone).map(zone => (
            <option key={zone} value={zone}>
              {zone.replaceAll('_', ' ')}
            </option>
          ))}
        </Choice>
        <Field
          label="Country"
          name="country"
          defaultValue={school.country ?? ''}
          pattern="[A-Za-z]{2}"
          title="Two letters, such as NL"
          maxLength={2}
          hint={
            school.country === null
              ? 'Two letters, such as NL. Phone numbers without + are read as its own'
              : `${LANGUAGE.of(school.country) ?? school.country}. Phone numbers without + are read as its own`
          }
          problem={problems.country}
        />
      </div>
      <Field
        label="What a student number looks like"
        name="studentNumberPattern"
        defaultValue={school.studentNumberPattern ?? ''}
        placeholder="^[A-Za-z0-9-]{3,50}$"
        hint="A pattern such as ^[A-Z]{2}\d{4,6}$. Empty: letters, digits and hyphens, 3 to 50. Numbers that are there stay"
        maxLength={200}
        className="font-mono"
        spellCheck={false}
        problem={problems.studentNumberPattern}
      />
      <fieldset className="grid gap-4 md:grid-cols-2">
        <legend className="mb-1 text-13 font-medium">So many days the passes of who leaves still open</legend>
        <Field
          label="Inactive"
          name="inactive"
          type="number"
          min={0}
          max={365}
          required
          defaultValue={school.graceDays.inactive}
          problem={problems['graceDays.inactive']}
        />
        <Field
          label="Graduated"
          name="graduated"
          type="number"
          min={0}
          max={365}
          required
          defaultValue={school.graceDays.graduated}
          problem={problems['graceDays.graduated']}
        />
      </fieldset>
      <Problem error={save.error} />
      <Acts>
        <Button type="submit" tone="primary" busy={save.isPending && 'Saving …'}>
          Save
        </Button>
      </Acts>
    </form>
  )
}

/** Those the browser knows, and the school's own where it does not know that one. */
function zonesWith(own: string): readonly string[] {
  const known = Intl.supportedValuesOf('timeZone')
  return known.includes(own) ? known : [own, ...known]
}
