select * from {{ ref('int_calendrier_vacances') }}
