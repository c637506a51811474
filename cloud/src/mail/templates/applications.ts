import type { Template } from './template.ts'

type Application = { readonly applicant: string; readonly link: string }
type Decided = Application & { readonly reason?: string | undefined }

export const applicationSubmitted: Template<Application> = {
  en: ({ applicant, link }) => ({
    subject: `Application of ${applicant}`,
    blocks: [`${applicant} asks for a pass.`, { link, words: 'See the application' }],
  }),
  nl: ({ applicant, link }) => ({
    subject: `Aanvraag van ${applicant}`,
    blocks: [`${applicant} vraagt een pas aan.`, { link, words: 'Bekijk de aanvraag' }],
  }),
}

/** `documents`: which, in words, and what is wrong with them. */
export const documentsAsked: Template<Application & { readonly documents: string }> = {
  en: ({ documents, link }) => ({
    subject: 'Documents are needed for your application',
    blocks: [`Your application for a pass needs: ${documents}`, { link, words: 'Add them' }],
  }),
  nl: ({ documents, link }) => ({
    subject: 'Er zijn documenten nodig voor uw aanvraag',
    blocks: [`Voor uw aanvraag van een pas is nodig: ${documents}`, { link, words: 'Toevoegen' }],
  }),
}

export const applicationApproved: Template<Decided> = {
  en: ({ reason = '', link }) => ({
    subject: 'Your application was approved',
    blocks: [
      'Your application for a pass was approved.',
      ...(reason === '' ? [] : [reason]),
      { link, words: 'See your pass' },
    ],
  }),
  nl: ({ reason = '', link }) => ({
    subject: 'Uw aanvraag is goedgekeurd',
    blocks: [
      'Uw aanvraag van een pas is goedgekeurd.',
      ...(reason === '' ? [] : [reason]),
      { link, words: 'Bekijk uw pas' },
    ],
  }),
}

export const applicationRejected: Template<Decided> = {
  en: ({ reason = '', link }) => ({
    subject: 'Your application was rejected',
    blocks: [
      'Your application for a pass was rejected.',
      ...(reason === '' ? [] : [`The reason: ${reason}`]),
      { link, words: 'See the application' },
    ],
  }),
  nl: ({ reason = '', link }) => ({
    subject: 'Uw aanvraag is afgewezen',
    blocks: [
      'Uw aanvraag van een pas is afgewezen.',
      ...(reason === '' ? [] : [`De reden: ${reason}`]),
      { link, words: 'Bekijk de aanvraag' },
    ],
  }),
}

/** `due`: a time in ISO 8601, or a day as people read it. */
export const applicationReminder: Template<Application & { readonly due: string }> = {
  en: ({ applicant, due, link }, { when }) => ({
    subject: `Still to do: application of ${applicant}`,
    blocks: [
      `The application of ${applicant} waits. It is to be dealt with before ${when(due)}.`,
      { link, words: 'See the application' },
    ],
  }),
  nl: ({ applicant, due, link }, { when }) => ({
    subject: `Nog te doen: aanvraag van ${applicant}`,
    blocks: [
      `De aanvraag van ${applicant} wacht. Handel die af voor ${when(due)}.`,
      { link, words: 'Bekijk de aanvraag' },
    ],
  }),
}
