import type { Answer } from '@gatehouse/shared/applications/answers.ts'
import { type FormContent, isFile } from '@gatehouse/shared/applications/form.ts'
import { useId, useState } from 'react'
import { AnswerField } from '../applications/answer-field.tsx'

/** The form as an applicant sees it. What is typed here goes nowhere. */
export function Preview({ title, introduction, fields }: Pick<FormContent, 'title' | 'introduction' | 'fields'>) {
  const [answers, setAnswers] = useState<Readonly<Record<string, Answer | null>>>({})
  const id = useId()
  return (
    <section aria-labelledby={id} className="panel flex min-w-0 flex-col gap-4 p-4">
      <div>
        <h2 id={id} className="text-13 font-medium text-muted">
          As applicants see it
        </h2>
        <p className="break-words text-16 font-strong" dir="auto">
          {title}
        </p>
      </div>
      {introduction && (
        <p className="break-words" dir="auto">
          {introduction}
        </p>
      )}
      {fields.map(field => (
        <AnswerField
          key={field.id}
          field={field}
          answer={answers[field.id] ?? undefined}
          problem={undefined}
          disabled={isFile(field)}
          fileName={undefined}
          onAnswer={answer => setAnswers(before => ({ ...before, [field.id]: answer }))}
        />
      ))}
      <p className="text-13 text-muted">Nothing is saved here. Applicants find the form under Apply.</p>
    </section>
  )
}
